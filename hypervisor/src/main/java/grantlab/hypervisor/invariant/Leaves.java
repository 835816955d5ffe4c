package grantlab.hypervisor.invariant;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.notification.Ring;
import grantlab.hypervisor.notification.Rings;
import grantlab.hypervisor.tree.Binding;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import java.util.Arrays;
import java.util.List;
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
     * A tree as a walk needs it, and who may use it.
     *
     * @param granter whose memory it grants
     * @param id names the tree among all that exist
     * @param levels how high it is
     * @param root machine frame of the root
     * @param indexLimit indices below this exist
     * @param grantee a domid, or -1: nobody
     * @param inForce whether the grantee may begin a use
     * @param epoch of the virtual domid that it names, or zero
     */
    public record Shape(
            Domain granter, long id, int levels, long root, long indexLimit, int grantee, boolean inForce, int epoch) {
        /** 1..4095, as references have it. */
        public int slot() {
            return Tree.slotOf(id);
        }

        /** 0..255, as references have it. */
        public int generation() {
            return Tree.generationOf(id);
        }
    }

    /**
     * A ring as its owner's memory has it, and what the hypervisor knows better.
     *
     * @param header machine frame of the header
     * @param data machine frames of the data pages
     * @param position of the next entry
     */
    public record RingPages(long header, List<Long> data, int position) {
        /** Keeps a copy. */
        public RingPages {
            data = List.copyOf(data);
        }
    }

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
         * @param uses mappings of it
         * @param written whether a use may write
         * @param revoked whether it was taken back, and its uses are yet to be acknowledged
         */
        void leaf(
                Domain grantee,
                long tree,
                long key,
                int order,
                long snapshot,
                long uses,
                boolean written,
                boolean revoked);
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
                    long writers = LeafPins.writers(acts.pins(act));
                    long uses = writers + LeafPins.readers(acts.pins(act));
                    visitor.leaf(
                            grantee,
                            acts.tree(act),
                            acts.key(act),
                            acts.order(act),
                            acts.snapshot(act),
                            uses,
                            writers != 0,
                            LeafPins.state(acts.pins(act)) == LeafPins.REVOKED);
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
        return granter == null || tree == null || tree.id() != id ? null : shape(granter, tree);
    }

    /**
     * All trees of a domain, by slot.
     *
     * @param granter whose memory they grant
     */
    public List<Shape> shapes(Domain granter) {
        return granter.trees().all().stream().map(tree -> shape(granter, tree)).toList();
    }

    private static Shape shape(Domain granter, Tree tree) {
        Binding binding = tree.binding();
        return new Shape(
                granter,
                tree.id(),
                tree.levels(),
                root(tree),
                tree.indexLimit(),
                binding.grantee(),
                binding.bound() && !binding.paused(),
                binding.epoch());
    }

    /**
     * Shows the nodes that one tree holds, its root first.
     *
     * @param shape of a tree that exists
     * @param visitor is given each machine frame
     */
    public void visitHeldNodes(Shape shape, LongConsumer visitor) {
        Tree tree = shape.granter().trees().find(shape.slot());
        if (tree != null) {
            tree.table().visitHeldNodes(visitor);
        }
    }

    /**
     * The ring on which the granter hears of a tree.
     *
     * @param shape of a tree that exists
     * @return null when it has none
     */
    public @Nullable RingPages ring(Shape shape) {
        Tree tree = shape.granter().trees().find(shape.slot());
        Ring ring =
                tree == null ? null : shape.granter().rings().find(tree.terms().ring());
        return ring == null
                ? null
                : new RingPages(
                        ring.header(), Arrays.stream(ring.data()).boxed().toList(), ring.position());
    }

    /**
     * Shows the handles by which a domain can undo what it has mapped.
     *
     * @param grantee whose
     * @param visitor is given each
     */
    public void visitHandles(Domain grantee, LongConsumer visitor) {
        Mapsets sets = grantee.books().mapsets();
        for (int set = 0; set < sets.capacity(); set++) {
            if (sets.exists(set)) {
                visitor.accept(sets.handle(set));
            }
        }
        Records records = grantee.books().records();
        for (int record = 0; record < records.capacity(); record++) {
            long handle = records.handle(record);
            if (handle != 0) {
                visitor.accept(handle);
            }
        }
    }

    private static long root(Tree tree) {
        long[] root = {-1};
        tree.table().visitHeldNodes(mfn -> root[0] = root[0] < 0 ? mfn : root[0]);
        return root[0];
    }

    /**
     * Shows the nodes that trees hold, the pages of rings, and those that grantees keep ready to stand in for others.
     *
     * @param visitor is given each machine frame, once for each general and writable-type reference
     */
    public void visitHeldPages(LongConsumer visitor) {
        for (Domain domain : domains.all()) {
            domain.books().reserve().visit(visitor);
            domain.trees().all().forEach(tree -> tree.table().visitHeldNodes(visitor));
            for (int id = 1; id <= Rings.MOST; id++) {
                Ring ring = domain.rings().find(id);
                if (ring != null) {
                    visitor.accept(ring.header());
                    Arrays.stream(ring.data()).forEach(visitor);
                }
            }
        }
    }
}
