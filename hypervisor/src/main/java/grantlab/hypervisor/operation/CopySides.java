package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.CopyEnd;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Pin;
import grantlab.hypervisor.table.InForce;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.Objects;

/** One side of a copy: acquired by reference or by own frame number, kept, released (xen-semantics 2.7.3, 2.7.4). */
@MachineScoped
final class CopySides {
    private final Pinning pinning;
    private final TransitiveGrants transitive;
    private final Domains domains;
    private final FrameTable frames;
    private final boolean judgesFramesByElement;

    @Inject
    CopySides(Domains domains, Pinning pinning, TransitiveGrants transitive, Ground ground) {
        this.domains = domains;
        this.pinning = pinning;
        this.transitive = transitive;
        this.frames = ground.frames();
        this.judgesFramesByElement = ground.behaviour().copyJudgesFramesByElement();
    }

    /**
     * Finds the domain of a side; the element before named another pair of domains, or none.
     *
     * @return zero or a status
     */
    int lookUp(Caller caller, CopyEnd end, int domid, boolean byReference) {
        if (!judgesFramesByElement && isForeignFrame(domid, byReference)) {
            return Status.PERMISSION_DENIED;
        }
        Domain domain = domains.findAny(domid, caller.domain());
        if (domain == null) {
            return Status.BAD_DOMAIN;
        }
        // A store of a reference costs more than a look, and it is nearly always the same domain.
        if (end.domain != domain) {
            end.domain = domain;
        }
        end.domid = domid;
        return Status.OKAY;
    }

    /** By frame number only DOMID_SELF may be named, not even the caller by its own number. */
    private static boolean isForeignFrame(int domid, boolean byReference) {
        return !byReference && domid != Domid.SELF;
    }

    /**
     * Acquires what an element names, unless exactly that is held.
     *
     * @return zero, a status, or RETRY
     */
    int acquire(Caller caller, CopyEnd end, boolean byReference, long name, boolean write) {
        if (isHeld(end, byReference, name)) {
            return Status.OKAY;
        }
        release(caller, end, write);
        // For each element anew, not for each domain: XSA-523.
        if (judgesFramesByElement && isForeignFrame(end.domid, byReference)) {
            return Status.PERMISSION_DENIED;
        }
        end.byReference = byReference;
        end.name = name;
        int status = byReference ? acquireReference(caller, end, write) : acquireFrame(end);
        if (status != Status.OKAY) {
            return status;
        }
        end.acquired = true;
        if (write && !frames.getType(end.pin.frame, FrameTable.TYPE_WRITABLE)) {
            release(caller, end, true);
            return Status.GENERAL_ERROR;
        }
        end.typed = write;
        return Status.OKAY;
    }

    /** Before XSA-523 a page that is held through reference n also was frame n. */
    private boolean isHeld(CopyEnd end, boolean byReference, long name) {
        return end.holds(byReference, name) || (!judgesFramesByElement && !byReference && end.holds(true, name));
    }

    private int acquireReference(Caller caller, CopyEnd end, boolean write) {
        Domain granter = domain(end);
        InForce table = granter.grantTable().enter(caller.section());
        int access = access(write);
        int status = pinning.pin(granter, table.grants(), end.name, caller.domid(), access, caller.leaf, end.pin);
        return status == Status.HOP ? transitive.follow(caller, granter, access, end.pin) : status;
    }

    private static int access(boolean write) {
        return Access.COPY | Access.READ | (write ? Access.WRITE : 0);
    }

    private int acquireFrame(CopyEnd end) {
        long frame = domain(end).physicalMap().getFrameToGrant(end.name);
        if (frame < 0) {
            return (int) frame;
        }
        end.pin.frame = frame;
        end.pin.windowStart = 0;
        end.pin.windowLength = Page.SIZE;
        return Status.OKAY;
    }

    private static Domain domain(CopyEnd end) {
        return Objects.requireNonNull(end.domain, "a side is acquired after its domain was looked up");
    }

    /** Lets go of what is held, if anything: pin, type, reference. */
    void release(Caller caller, CopyEnd end, boolean write) {
        if (end.acquired) {
            letGo(caller, end, write);
        }
    }

    private void letGo(Caller caller, CopyEnd end, boolean write) {
        end.acquired = false;
        if (end.byReference) {
            InForce table = domain(end).grantTable().enter(caller.section());
            pinning.unpin(table.grants(), end.pin.act, end.pin.act, Page.ORDER_4K, access(write));
            if (end.pin.hopDomid != Pin.NO_HOP) {
                transitive.release(caller, access(write), end.pin);
            }
        }
        if (end.typed) {
            end.typed = false;
            frames.putType(end.pin.frame);
        }
        frames.put(end.pin.frame, Page.ORDER_4K);
    }

    /** The next call starts with nothing. */
    void forget(CopyEnd end) {
        end.domid = CopyEnd.NOBODY;
    }
}
