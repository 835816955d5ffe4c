package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.function.LongConsumer;

/**
 * All of a tree is taken back (grant-v3.md, 8.2, WHOLE_TREE): no entry is looked for, the acts of the grantee are walked, once nobody
 * can be about to begin another. Between two slices of 32 leaves others may have the CPU.
 */
@MachineScoped
final class TreeTaking {
    private final Domains domains;
    private final Taking taking;
    private final Quiescence quiescence;

    @Inject
    TreeTaking(Domains domains, Taking taking, Quiescence quiescence) {
        this.domains = domains;
        this.taking = taking;
        this.quiescence = quiescence;
    }

    /**
     * Takes, and the tree stays revoked.
     *
     * @param slice of the fate that is asked for
     * @param progress is told after each slice how many leaves were taken
     * @return zero, or UNSTABLE: the granter kept changing a word
     */
    int take(Taker taker, Tree tree, Taking.Slice slice, LongConsumer progress) {
        tree.revocations().takeWholeTree();
        taker.await(quiescence);
        long done = 0;
        int act = 0;
        for (Domain grantee = Grantee.of(domains, tree);
                grantee != null && act < grantee.books().acts().capacity();
                grantee = Grantee.of(domains, tree)) {
            slice.begin();
            LeafActs acts = grantee.books().acts();
            for (; act < acts.capacity() && !slice.full(); act++) {
                if (acts.exists(act) && acts.tree(act) == tree.id()) {
                    if (!Taking.closeAct(grantee, tree, acts.key(act), slice)) {
                        return Status.UNSTABLE;
                    }
                    done++;
                }
            }
            taking.finish(taker, grantee, tree, slice);
            taker.pause();
            progress.accept(done);
        }
        return Status.OKAY;
    }
}
