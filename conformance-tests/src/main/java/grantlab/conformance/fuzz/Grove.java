package grantlab.conformance.fuzz;

import grantlab.api.memory.Page;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the generator believes of trees: who has which, what it grants, what is mapped of it. It need not be right. */
public final class Grove {
    /** Pages that become nodes, of each domain. */
    private static final int[] NODE_PAGES = {28, 29, 36, 37, 38, 39, 40, 41, 42, 43};

    /** Variables that keep references of trees; those of handles end before. */
    private static final int FIRST_VARIABLE = 210;

    private static final int VARIABLES = 40;

    /** How often a tree that was destroyed is named all the same. */
    private static final int STALE_PERCENT = 6;

    /** Entries of a node. */
    private static final int ENTRIES = 512;

    /** No domain. */
    public static final int NOBODY = -1;

    /** No virtual domid. */
    private static final int REAL = -1;

    private static final int FIRST_VIRTUAL = 0x8000;

    /** Variables that keep epochs: of each domain's first virtual domid, and of its second. */
    private static final int[] FIRST_EPOCHS = {250, 200};

    private final Dice dice;
    private final List<Tree> trees = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private final Map<Integer, Integer> bound = new HashMap<>();
    /** By domain, for each of its rings whether it is for trees of its own. */
    private final Map<Integer, List<Boolean>> rings = new HashMap<>();

    private int planted;

    Grove(Dice dice) {
        this.dice = dice;
    }

    /** A tree of a granter for one grantee. */
    public static final class Tree {
        private final int variable;
        private final int granter;
        private final IntSupplier grantee;
        private final int virtual;
        private final Map<Long, Leaf> leaves = new LinkedHashMap<>();
        private final List<String> nodes;
        private boolean doubtful;

        private Tree(int variable, int granter, IntSupplier grantee, int virtual, List<String> nodes) {
            this.variable = variable;
            this.granter = granter;
            this.grantee = grantee;
            this.virtual = virtual;
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

        /** To whom, or {@link #NOBODY}. */
        public int grantee() {
            return grantee.getAsInt();
        }

        /** Adds the epoch to a line that uses the tree, where there is one. */
        public void addEpoch(Phrase phrase) {
            if (virtual != REAL) {
                phrase.with("epoch", epoch(granter, virtual));
            }
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
     * A leaf.
     *
     * @param tree it is of
     * @param index of its first page in the tree
     * @param order log2 of its pages: 0, or 9 where the tree has a node for it
     * @param writable whether it lets the grantee write
     */
    public record Leaf(Tree tree, long index, int order, boolean writable) {
        /** The page of the node that its entry is in. */
        public String node() {
            return tree.nodes().get(tree.nodes().size() - 1 - order / Page.ORDER_2M);
        }

        /** The number of its entry in the node. */
        public long entry() {
            return index >>> order & ENTRIES - 1;
        }

        /** How many pages it has. */
        public int pages() {
            return 1 << order;
        }
    }

    /**
     * What v3_map gave.
     *
     * @param variable that keeps the handle
     * @param grantee who mapped
     * @param slot the first slot that it fills, or -1
     * @param count of slots
     */
    public record Lease(int variable, int grantee, int slot, int count) {}

    /** A virtual domid that domains use. */
    public int virtual() {
        return FIRST_VIRTUAL + dice.below(FIRST_EPOCHS.length);
    }

    /** How many rings a domain has. */
    public int rings(int owner) {
        return rings.getOrDefault(owner, List.of()).size();
    }

    /** A domain has one more ring, for trees of its own or of others. */
    public void ringed(int owner, boolean own) {
        rings.computeIfAbsent(owner, domid -> new ArrayList<>()).add(own);
    }

    /** A ring for trees of a domain's own, or 0. */
    public int ring(int owner) {
        return rings.getOrDefault(owner, List.of()).indexOf(true) + 1;
    }

    /** The variable that keeps the epoch of a domain's virtual domid. */
    public static String epoch(int owner, int virtual) {
        return "v" + (FIRST_EPOCHS[virtual - FIRST_VIRTUAL] + owner);
    }

    /** Another domain, or {@link #NOBODY}, stands behind a virtual domid. */
    public void bound(int owner, int virtual, int real) {
        bound.put(key(owner, virtual), real);
    }

    private static int key(int owner, int virtual) {
        return owner << Short.SIZE | virtual;
    }

    /** The trees of a domain that name a virtual domid. */
    public List<Tree> treesOf(int owner, int virtual) {
        return trees.stream()
                .filter(tree -> tree.granter == owner && tree.virtual == virtual && !tree.doubtful)
                .toList();
    }

    /**
     * A tree for whoever stands behind a virtual domid is created.
     *
     * @param granter its number
     * @param virtual whom it names
     * @param levels how high it is
     */
    public Tree plantFor(int granter, int virtual, int levels) {
        return plant(granter, () -> bound.getOrDefault(key(granter, virtual), NOBODY), virtual, levels);
    }

    /**
     * A tree is created; the nodes are pages of the granter's.
     *
     * @param granter its number
     * @param grantee the number of who may use it
     * @param levels how high it is
     */
    public Tree plant(int granter, int grantee, int levels) {
        return plant(granter, () -> grantee, REAL, levels);
    }

    private Tree plant(int granter, IntSupplier grantee, int virtual, int levels) {
        int first = dice.below(NODE_PAGES.length);
        List<String> nodes = new ArrayList<>();
        for (int level = 0; level < levels; level++) {
            nodes.add("p" + NODE_PAGES[(first + level) % NODE_PAGES.length]);
        }
        int variable = FIRST_VARIABLE + planted++ % VARIABLES;
        trees.removeIf(tree -> tree.variable == variable);
        Tree tree = new Tree(variable, granter, grantee, virtual, nodes);
        trees.add(tree);
        return tree;
    }

    /** A page that may be a node, of nobody's tree in particular. */
    public String nodePage() {
        return "p" + NODE_PAGES[dice.below(NODE_PAGES.length)];
    }

    /** Some tree that fits, if there is one. */
    public @Nullable Tree treeWhere(Predicate<Tree> wanted) {
        return some(trees, tree -> (!tree.doubtful || dice.chance(STALE_PERCENT)) && wanted.test(tree));
    }

    /** Some leaf that fits, if there is one. */
    public @Nullable Leaf leafWhere(Predicate<Leaf> wanted) {
        List<Leaf> all = new ArrayList<>();
        trees.stream()
                .filter(tree -> !tree.doubtful || dice.chance(STALE_PERCENT))
                .forEach(tree -> all.addAll(tree.leaves.values()));
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
        rings.remove(domid);
        bound.replaceAll((key, real) -> real == domid ? NOBODY : real);
        bound.keySet().removeIf(key -> key >>> Short.SIZE == domid);
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
