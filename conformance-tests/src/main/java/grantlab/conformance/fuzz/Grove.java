package grantlab.conformance.fuzz;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the generator believes of trees: who has which, what it grants, what is mapped of it. It need not be right. */
public final class Grove {
    /** Pages that become nodes, of each domain. */
    private static final int[] NODE_PAGES = {28, 29, 36, 37, 38, 39, 40, 41, 42, 43};

    /** Variables that keep references of trees; those of handles end before. */
    private static final int FIRST_VARIABLE = 210;

    private static final int VARIABLES = 40;

    private final Dice dice;
    private final List<Tree> trees = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private int planted;

    Grove(Dice dice) {
        this.dice = dice;
    }

    /** A tree of a granter for one grantee. */
    public static final class Tree {
        private final int variable;
        private final int granter;
        private final int grantee;
        private final Map<Long, Leaf> leaves = new LinkedHashMap<>();
        private final List<String> nodes;
        private boolean doubtful;

        private Tree(int variable, int granter, int grantee, List<String> nodes) {
            this.variable = variable;
            this.granter = granter;
            this.grantee = grantee;
            this.nodes = nodes;
        }

        /** The variable that keeps its base reference. */
        public String variable() {
            return "v" + variable;
        }

        /** Whose memory it grants. */
        public int granter() {
            return granter;
        }

        /** To whom. */
        public int grantee() {
            return grantee;
        }

        /** The pages of its nodes, the root first and the node of the leaves last. */
        public List<String> nodes() {
            return nodes;
        }

        /** The node of the leaves. */
        public String lowest() {
            return nodes.getLast();
        }

        /** A new root stands above the others. */
        public void grew(String root) {
            nodes.addFirst(root);
        }

        /** The guest granted an index. */
        public void grants(Leaf leaf) {
            leaves.put(leaf.index(), leaf);
        }

        /** The guest took an index back. */
        public void withdrew(long index) {
            leaves.remove(index);
        }

        /** It was destroyed, if nobody used it. */
        public void doubt() {
            doubtful = true;
        }

        /** A reference, as scripts write it. */
        public String reference(long index) {
            return "v" + variable + "+" + index;
        }
    }

    /**
     * A leaf of 4 KiB.
     *
     * @param tree it is of
     * @param index in the tree
     * @param writable whether it lets the grantee write
     */
    public record Leaf(Tree tree, long index, boolean writable) {}

    /**
     * What v3_map gave.
     *
     * @param variable that keeps the handle
     * @param grantee who mapped
     * @param slot the first slot that it fills, or -1
     * @param count of slots
     */
    public record Lease(int variable, int grantee, int slot, int count) {}

    /**
     * A tree is created; the nodes are pages of the granter's.
     *
     * @param granter its number
     * @param grantee the number of who may use it
     * @param levels how high it is
     */
    public Tree plant(int granter, int grantee, int levels) {
        int first = dice.below(NODE_PAGES.length);
        List<String> nodes = new ArrayList<>();
        for (int level = 0; level < levels; level++) {
            nodes.add("p" + NODE_PAGES[(first + level) % NODE_PAGES.length]);
        }
        int variable = FIRST_VARIABLE + planted++ % VARIABLES;
        trees.removeIf(tree -> tree.variable == variable);
        Tree tree = new Tree(variable, granter, grantee, nodes);
        trees.add(tree);
        return tree;
    }

    /** A page that may be a node, of nobody's tree in particular. */
    public String nodePage() {
        return "p" + NODE_PAGES[dice.below(NODE_PAGES.length)];
    }

    /** Some tree that fits, if there is one. */
    public @Nullable Tree treeWhere(Predicate<Tree> wanted) {
        return some(trees, tree -> (!tree.doubtful || dice.chance(5)) && wanted.test(tree));
    }

    /** Some leaf that fits, if there is one. */
    public @Nullable Leaf leafWhere(Predicate<Leaf> wanted) {
        List<Leaf> all = new ArrayList<>();
        trees.stream().filter(tree -> !tree.doubtful).forEach(tree -> all.addAll(tree.leaves.values()));
        return some(all, wanted);
    }

    /** Something is mapped now. */
    public void mapped(Lease lease) {
        leases.add(lease);
    }

    /** Some mapping that fits, if there is one. */
    public @Nullable Lease leaseWhere(Predicate<Lease> wanted) {
        return some(leases, wanted);
    }

    /** All mappings, in the order in which they were made. */
    public List<Lease> everyLease() {
        return List.copyOf(leases);
    }

    /** A mapping is gone. @return whether it was known */
    boolean released(Lease lease) {
        return leases.remove(lease);
    }

    /** A domain dies, and its trees with it. */
    void buried(int domid) {
        trees.removeIf(tree -> tree.granter == domid);
    }

    private <T> @Nullable T some(List<T> all, Predicate<T> wanted) {
        T chosen = null;
        int seen = 0;
        for (T one : all) {
            if (wanted.test(one) && dice.below(++seen) == 0) {
                chosen = one;
            }
        }
        return chosen;
    }
}
