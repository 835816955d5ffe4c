package grantlab.hypervisor.invariant;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Tree;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Shows trees and the leaves of them that are in use to whoever judges the books from outside. For a machine at rest. */
public final class Leaves {
    private final Domains domains;

    /**
     * Over a machine.
     *
     * @param domains its domains
     */
    public Leaves(Domains domains) {
        this.domains = domains;
    }

    /**
     * A tree as a walk needs it.
     *
     * @param granter whose memory it grants
     * @param levels how high it is
     * @param root machine frame of the root
     */
    public record Shape(Domain granter, int levels, long root) {}

    /** Is shown leaves. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One leaf.
         *
         * @param grantee who uses it
         * @param tree names the tree among all that exist
         * @param key index of its first page
         * @param order log2 of its pages
         * @param snapshot what the format keeps of the entry; its frame and generation are where the entry has them
         * @param written whether a use may write
         */
        void leaf(Domain grantee, long tree, long key, int order, long snapshot, boolean written);
    }

    /**
     * Shows all leaves in use.
     *
     * @param visitor is shown them
     */
    public void visit(Visitor visitor) {
        for (Domain grantee : domains.all()) {
            LeafActs acts = grantee.books().acts();
            for (int act = 0; act < acts.capacity(); act++) {
                if (acts.exists(act)) {
                    boolean written = LeafPins.writers(acts.pins(act)) != 0;
                    visitor.leaf(grantee, acts.tree(act), acts.key(act), acts.order(act), acts.snapshot(act), written);
                }
            }
        }
    }

    /**
     * A tree.
     *
     * @param id as {@link #visit} names it
     * @return null when it does not exist any more
     */
    public @Nullable Shape shape(long id) {
        Domain granter = domains.find(Tree.granterOf(id));
        Tree tree = granter == null ? null : granter.trees().find(Tree.slotOf(id));
        return granter == null || tree == null || tree.id() != id
                ? null
                : new Shape(granter, tree.levels(), root(tree));
    }

    private static long root(Tree tree) {
        long[] root = {-1};
        tree.table().visitHeldNodes(mfn -> root[0] = root[0] < 0 ? mfn : root[0]);
        return root[0];
    }

    /**
     * Shows the nodes that trees hold.
     *
     * @param visitor is given each machine frame, once for each general and writable-type reference
     */
    public void visitHeldNodes(LongConsumer visitor) {
        for (Domain domain : domains.all()) {
            domain.trees().all().forEach(tree -> tree.table().visitHeldNodes(visitor));
        }
    }
}
