package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Ref;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.Binding;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.vdomid.VirtualDomids;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** From peer and reference to a tree that grants to the caller: step 1 of map and copy (grant-v3.md, MAP-8 to MAP-11). */
@MachineScoped
final class Reach {
    private final Domains domains;

    @Inject
    Reach(Domains domains) {
        this.domains = domains;
    }

    /** The domain that a peer is for the caller: by its number, or by one of the caller's own virtual ones. */
    @Nullable
    Domain peer(Caller caller, int peer) {
        if (!VirtualDomids.isVirtual(peer)) {
            return domains.find(peer);
        }
        int real = caller.domain().virtualDomids().real(peer);
        return real < 0 ? null : domains.find(real);
    }

    /** Zero, or why the caller does not reach the tree. The same answer for no tree and for somebody else's. */
    static int judge(Caller caller, Domain granter, @Nullable Tree tree, long reference, long epoch) {
        if (tree == null || granter.dying()) {
            return Status.BAD_TREE;
        }
        Binding binding = tree.binding();
        if (binding.grantee() != caller.domid()) {
            return Status.BAD_TREE;
        }
        if (tree.generation() != V3Ref.generation(reference) || binding.epoch() != (int) epoch) {
            return Status.STALE;
        }
        if (!binding.inForce()) {
            return Status.PAUSED;
        }
        return tree.revocations().wholeTree() ? Status.REVOKED : Status.OKAY;
    }
}
