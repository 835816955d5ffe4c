package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Ref;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** From peer and reference to a tree that grants to the caller: steps 1 of map and copy (grant-v3.md, section 7). */
@Singleton
final class Reach {
    private final Domains domains;

    @Inject
    Reach(Domains domains) {
        this.domains = domains;
    }

    @Nullable
    Domain peer(int peer) {
        return domains.find(peer);
    }

    /** Zero, or why the caller does not reach the tree. The same answer for no tree and for somebody else's. */
    static int judge(Caller caller, @Nullable Tree tree, long reference) {
        if (!V3Ref.wellFormed(reference)) {
            return Status.INVAL;
        }
        if (tree == null || tree.peer() != caller.domid()) {
            return Status.BAD_TREE;
        }
        if (tree.generation() != V3Ref.generation(reference)) {
            return Status.STALE;
        }
        return V3Ref.index(reference) < tree.indexLimit() ? Status.OKAY : Status.BAD_GNTREF;
    }
}
