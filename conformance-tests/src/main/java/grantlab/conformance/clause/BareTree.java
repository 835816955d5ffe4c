package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.util.Map;
import java.util.TreeMap;

/**
 * The hypervisor's side of a tree that no hypercall made: the format opens it over pages of the granter, of which the clause writes
 * each word. Nodes come into being on the way to an entry, under table entries that mask nothing; they are p0, p1 and so on.
 */
final class BareTree {
    static final int READ = Access.READ | Access.HOST;
    static final int WRITE = READ | Access.WRITE;
    static final int BOTH = Access.READ | Access.WRITE;
    static final long MAPPED = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    /** All that a leaf can allow. */
    static final int EVERYTHING = Access.READ | Access.WRITE | Access.HOST | Access.DEVICE | Access.COPY;

    /** A tree of some height, and a leaf for it: what a clause about each height is told. */
    interface OfHeight {
        void tree(BareTree tree, int levels);
    }

    private final World world;
    private final MachineMemory memory;
    private final FrameTable frames;
    private final PhysicalMap map;
    private final int levels;
    private final Map<String, Long> nodes = new TreeMap<>();
    private final Map<Long, Long> references = new TreeMap<>();
    private final Map<Long, Long> typeUses = new TreeMap<>();
    private final TreeTable table;
    private int pages;

    private BareTree(World world, int levels) {
        this.world = world;
        this.levels = levels;
        memory = world.machine().memory();
        frames = world.machine().frames();
        map = world.granter().domain().physicalMap();
        long root = page();
        nodes.put(name(levels, 0), root);
        TreeFormat.Opened opened = new TreeFormat.Opened();
        Expect.status("status of open", Status.OKAY, open(world, root, levels, RawTree.span(levels), opened));
        TreeTable made = opened.table;
        if (made == null) {
            throw new IllegalStateException("open answered success and gave no table");
        }
        table = made;
    }

    /** Has the format open a tree of the granter's. */
    static int open(World world, long root, int levels, long limit, TreeFormat.Opened opened) {
        return format(world).open(world.granter().domain().physicalMap(), World.GRANTER, root, levels, limit, opened);
    }

    static TreeFormat format(World world) {
        return (TreeFormat) world.format();
    }

    /** Does something with a tree, and sees that it goes without a trace. */
    static void with(World world, int levels, OfHeight clause) {
        BareTree tree = new BareTree(world, levels);
        clause.tree(tree, levels);
        tree.table.dispose();
        tree.expectNothingHeld();
    }

    /** Does something with a tree of each height that the format opens, from some height on. */
    static void ofEachHeight(World world, int lowest, OfHeight clause) {
        for (int levels = lowest; levels <= format(world).maxLevels(); levels++) {
            world.step("a tree of " + levels + " levels");
            with(world, levels, clause);
        }
    }

    TreeTable table() {
        return table;
    }

    int levels() {
        return levels;
    }

    long root() {
        return node(levels, 0);
    }

    /** A zeroed page of the granter, by its number. */
    long page() {
        long gfn = world.granter().pageFrame(pages++);
        long frame = map.machineFrame(gfn);
        memory.fill(Page.address(frame), Page.SIZE, (byte) 0);
        references.put(frame, frames.references(frame));
        typeUses.put(frame, frames.typeUses(frame));
        return gfn;
    }

    /** The granter's number of the node with an index' entry of some level; made and linked where it is missing. */
    long node(int level, long index) {
        Long known = nodes.get(name(level, index));
        if (known != null) {
            return known;
        }
        long page = page();
        put(level + 1, index, RawTree.table(page));
        nodes.put(name(level, index), page);
        return page;
    }

    private static String name(int level, long index) {
        return level + "/" + (index >>> (V3Entry.LEVEL_BITS * level));
    }

    // ---- words

    void put(int level, long index, long word) {
        memory.store64Release(address(level, index), word);
    }

    void put(long index, long word) {
        put(1, index, word);
    }

    long get(int level, long index) {
        return memory.load64Acquire(address(level, index));
    }

    long get(long index) {
        return get(1, index);
    }

    /** Stores an entry of a page that is no node yet. */
    void write(long page, int entry, long word) {
        memory.store64Release(Page.address(map.machineFrame(page)) + (long) entry * V3Entry.SIZE, word);
    }

    /** Machine address of an entry. */
    long address(int level, long index) {
        long entry = index >>> (V3Entry.LEVEL_BITS * (level - 1)) & ((1 << V3Entry.LEVEL_BITS) - 1);
        return Page.address(map.machineFrame(node(level, index))) + entry * V3Entry.SIZE;
    }

    /** What of a word makes a grant the same grant. */
    static long grant(long word) {
        return word & (V3Entry.FRAME_MASK | V3Entry.GEN_MASK);
    }

    static long type(long word, int type) {
        return (word & ~V3Entry.TYPE_MASK) | type;
    }

    static long order(int level) {
        return (long) V3Entry.LEVEL_BITS * (level - 1);
    }

    // ---- verbs

    /** Locates what must be there. */
    Leaf located(long index) {
        Leaf leaf = new Leaf();
        locate(index, leaf);
        return leaf;
    }

    void locate(long index, Leaf leaf) {
        Expect.status("status of locate at 0x" + Long.toHexString(index), Status.OKAY, table.locate(index, READ, leaf));
    }

    int mark(Leaf leaf, int access) {
        return table.mark(leaf, World.GRANTEE, access, true);
    }

    /** A use of a leaf is marked and the leaf let go of. */
    Leaf marked(long index, int access) {
        Leaf leaf = located(index);
        Expect.status("status of mark", Status.OKAY, mark(leaf, access));
        table.release(leaf);
        return leaf;
    }

    /** The granter's kernel changes a bit of its own before so many accesses to a word, from the second on. */
    void restless(int level, long index, int changes, Runnable call) {
        int way = way(level, index);
        int[] access = new int[1];
        world.interruption()
                .throughout(
                        () -> {
                            if (access[0] > way && access[0] <= way + changes) {
                                put(level, index, get(level, index) ^ V3Entry.NOTIFY);
                            }
                            access[0]++;
                        },
                        call);
    }

    /** Words that are looked at on the way to one, once its node is remembered: the grant that is closed there is another. */
    int way(int level, long index) {
        int looks = 0;
        long another = ~get(level, index);
        for (int time = 0; time < 2; time++) {
            looks = world.interruption().throughout(() -> {}, () -> table.close(index, (int) order(level), another));
        }
        return looks - 1;
    }

    // ---- books

    /** So many hold the node with an entry: each has a reference on it and a use as writable memory. */
    void expectHeld(int level, long index, int holders) {
        expectHeld(map.machineFrame(node(level, index)), holders);
    }

    /** As the other, of a page by the granter's number. */
    void expectHolders(long page, int holders) {
        expectHeld(map.machineFrame(page), holders);
    }

    /** How many hold the node with an entry. */
    int holders(int level, long index) {
        long frame = map.machineFrame(node(level, index));
        return (int) (frames.references(frame) - before(references, frame));
    }

    private static long before(Map<Long, Long> counts, long frame) {
        Long count = counts.get(frame);
        if (count == null) {
            throw new IllegalStateException("machine frame 0x" + Long.toHexString(frame) + " is no page of the tree's");
        }
        return count;
    }

    private void expectHeld(long frame, int holders) {
        String node = "node at machine frame 0x" + Long.toHexString(frame);
        Expect.equal("references on the " + node, holders, frames.references(frame) - before(references, frame));
        Expect.equal("type uses of the " + node, holders, frames.typeUses(frame) - before(typeUses, frame));
    }

    /** Nodes below the root: the table may remember them; it is made to forget, and then nobody holds one. */
    void expectForgotten() {
        for (int top = 0; levels > 1 && top < 1 << V3Entry.LEVEL_BITS; top++) {
            table.invalidate((long) top << order(levels), levels);
        }
        long root = map.machineFrame(root());
        references.keySet().forEach(frame -> expectHeld(frame, frame == root ? 1 : 0));
    }

    void expectNothingHeld() {
        references.keySet().forEach(frame -> expectHeld(frame, 0));
    }
}
