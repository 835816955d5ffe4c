package grantlab.conformance.clause;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.grant.GuestTree;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.Map;
import java.util.TreeMap;

/**
 * A tree of which the clause writes every word itself, with plain stores of the granter: also what no well-behaved kernel
 * would write. Nodes come into being on the way to an entry, under table entries that mask nothing.
 */
final class RawTree {
    private static final int LEVEL_BITS = V3Entry.LEVEL_BITS;
    private static final int NODE_MASK = (1 << LEVEL_BITS) - 1;

    private final Party granter;
    private final int levels;
    private final long reference;

    /** Guest addresses by level and first index; the root is of the level that the tree was created with. */
    private final Map<String, Long> nodes = new TreeMap<>();

    /** What every leaf that is granted has beside what is asked for. */
    private long always;

    private RawTree(Party granter, int levels, long root, long reference) {
        this.granter = granter;
        this.levels = levels;
        this.reference = reference;
        nodes.put(name(levels, 0), root);
    }

    /** As high as the trees of the combination's format, from the granter to the grantee, with all that it may have. */
    static RawTree of(World world) {
        return of(world.granter(), creation(world));
    }

    /** One that was asked for in other words; the root is added to them. */
    static RawTree of(Party granter, V3Call creation) {
        long root = granter.kernel().allocatePages(Page.ORDER_4K);
        V3Answer created = granter.call(
                creation.with(V3TreeCreate.ROOT_GFN, granter.kernel().frameOf(root)));
        Expect.okay(created);
        return new RawTree(granter, (int) creation.get(V3TreeCreate.LEVELS), root, created.get(V3TreeCreate.BASE_REF));
    }

    /** What a granter asks for when it wants a tree as high as those of the format, for the grantee. */
    static V3Call creation(World world) {
        return creation(world, height(world));
    }

    /** What a granter asks for when it wants a tree of some height for the grantee; the root is missing. */
    static V3Call creation(World world, int levels) {
        return V3Call.of(V3Form.TREE_CREATE)
                .with(V3TreeCreate.PEER, world.grantee().domid())
                .with(V3TreeCreate.LEVELS, levels)
                .with(V3TreeCreate.PAGE_SHIFT, Page.SHIFT)
                .with(V3TreeCreate.INDEX_LIMIT, span(levels))
                .with(V3TreeCreate.RING_ID, V3TreeCreate.NONE)
                .with(V3TreeCreate.DEV_ID, V3TreeCreate.NONE)
                .and(V3TreeCreate.LARGE_OK);
    }

    /** How high the trees are that guests of the combination's format bring up. */
    static int height(World world) {
        return ((GuestTree) world.table()).levels();
    }

    /** Indices of a tree of some height. */
    static long span(int levels) {
        return 1L << (LEVEL_BITS * levels);
    }

    // ---- names

    int levels() {
        return levels;
    }

    int slot() {
        return V3Ref.slot(reference);
    }

    int generation() {
        return V3Ref.generation(reference);
    }

    /** The reference of an index, beyond the limit too. */
    long ref(long index) {
        return V3Ref.of(slot(), generation(), index);
    }

    /** A struct that names this tree. */
    V3Call naming(V3Form form) {
        V3Call call = V3Call.of(form);
        return call.with(form.field("slot").orElseThrow(), slot())
                .with(form.field("gen").orElseThrow(), generation());
    }

    // ---- words

    /** An entry of level 1, 2 or 3. */
    static long leaf(long frame, long bits) {
        return Page.address(frame) | V3Entry.LEAF | bits;
    }

    /** An entry that leads to a node and masks nothing. */
    static long table(long frame) {
        return Page.address(frame) | V3Entry.TABLE | V3Entry.W | V3Entry.DEV;
    }

    /** What is granted from now on may be used by devices. */
    RawTree forDevices() {
        always = V3Entry.DEV;
        return this;
    }

    /** Grants page n of the granter at an index. */
    long grant(long index, int n, long bits) {
        put(index, leaf(granter.pageFrame(n), bits | always));
        return ref(index);
    }

    /** Stores an entry of level 1. */
    void put(long index, long word) {
        put(1, index, word);
    }

    /** Stores an entry of some level. */
    void put(int level, long index, long word) {
        granter.store(entry(level, index), granter.treeWord(word));
    }

    /** Loads an entry of level 1. */
    long get(long index) {
        return get(1, index);
    }

    /** Loads an entry of some level. */
    long get(int level, long index) {
        return granter.load(entry(level, index));
    }

    /** The guest address of an entry. */
    long entry(int level, long index) {
        return node(level, index) + ((index >>> (LEVEL_BITS * (level - 1))) & NODE_MASK) * V3Entry.SIZE;
    }

    /** The guest address of the node with an index' entry of some level; made and linked where it is missing. */
    long node(int level, long index) {
        String name = name(level, index);
        Long known = nodes.get(name);
        if (known != null) {
            return known;
        }
        long page = granter.kernel().allocatePages(Page.ORDER_4K);
        if (page < 0) {
            throw new IllegalStateException("the granter has no page left for a node");
        }
        put(level + 1, index, table(granter.kernel().frameOf(page)));
        nodes.put(name, page);
        return page;
    }

    private static String name(int level, long index) {
        return level + "/" + (index >>> (LEVEL_BITS * level));
    }
}
