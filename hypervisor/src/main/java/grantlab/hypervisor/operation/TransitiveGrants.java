package grantlab.hypervisor.operation;

import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Limits;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.mapping.Pin;
import grantlab.hypervisor.table.DomainTable;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * Grants of grants (xen-semantics 2.7.5): one hop, taken in the name of the domain in between. No two tables' locks are held
 * at once: the entry is marked, let go, the reference behind it pinned, and then the entry pinned if it still is as it was.
 */
@MachineScoped
final class TransitiveGrants {
    private final Domains domains;
    private final Pinning pinning;
    private final FrameTable frames;
    private final boolean enabled;

    @Inject
    TransitiveGrants(Domains domains, Pinning pinning, Ground ground, Limits limits) {
        this.domains = domains;
        this.pinning = pinning;
        this.frames = ground.frames();
        this.enabled = limits.transitive();
    }

    /**
     * Goes on where {@link Pinning#pin} answered HOP.
     *
     * @param granter whose entry it is; the caller's leaf says where it leads
     * @param access that the entry was marked for
     * @param pin as pin left it; filled on success
     * @return zero; a status, and then nothing is pinned or marked; or RETRY, because others came in between
     */
    int follow(Caller caller, Domain granter, int access, Pin pin) {
        DomainTable table = granter.grantTable();
        table.beginHop();
        int status = pinBehind(caller, granter, access, pin);
        Grants grants = table.enter(caller.section()).grants();
        if (status == Status.OKAY && !pinning.pinHop(grants, caller.domid(), access, pin)) {
            release(caller, access, pin);
            frames.put(pin.frame, Page.ORDER_4K);
            grants = table.enter(caller.section()).grants();
            status = Status.RETRY;
        }
        if (status != Status.OKAY) {
            pinning.unmark(grants, pin.act, caller.leaf, access);
        }
        table.endHop();
        return status;
    }

    private int pinBehind(Caller caller, Domain granter, int access, Pin pin) {
        Leaf leaf = caller.leaf;
        Domain next = enabled && leaf.hopDomid != granter.domid() ? domains.find(leaf.hopDomid) : null;
        if (next == null) {
            return Status.GENERAL_ERROR;
        }
        Grants grants = next.grantTable().enter(caller.section()).grants();
        Pin behind = caller.pinBehind;
        int status = pinning.pin(next, grants, leaf.hopRef, granter.domid(), access, caller.leafBehind, behind);
        if (status == Status.HOP) {
            pinning.unmark(grants, behind.act, caller.leafBehind, access);
            return Status.GENERAL_ERROR;
        }
        pin.frame = behind.frame;
        pin.windowStart = behind.windowStart;
        pin.windowLength = behind.windowLength;
        pin.hopDomid = leaf.hopDomid;
        pin.hopRef = leaf.hopRef;
        return status;
    }

    /**
     * Ends the use of the reference behind; the frame's reference stays with the caller.
     *
     * @param access as it was pinned
     * @param pin as {@link #follow} filled it
     */
    void release(Caller caller, int access, Pin pin) {
        Domain next = domains.find(pin.hopDomid);
        if (next == null) {
            throw new IllegalStateException("domain " + pin.hopDomid + " is gone while a page of it is in use");
        }
        Grants grants = next.grantTable().enter(caller.section()).grants();
        pinning.unpin(grants, grants.act(pin.hopRef), pin.hopRef, Page.ORDER_4K, access);
    }
}
