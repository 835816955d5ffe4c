package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeFormat;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;

/** Opening, and what locate finds. */
@Needs(format = "layout-tree")
final class NodeWalks {
    private static final String LOCATE = "TreeTable (locate); grant-v3.md, 3.4";
    private static final int HIGHEST_LEAF = 3;
    private static final long NOWHERE = 0x7_7777_7777L;
    private static final long FRAME = 0x12_3456_7000L;
    private static final long LEAF =
            FRAME | V3Entry.LEAF | V3Entry.W | V3Entry.DEV | 0x5L << V3Entry.GEN_SHIFT | V3Entry.SW_MASK;

    /** Indices of a tree whose entries differ on each level. */
    private static long[] indices(int levels) {
        long span = RawTree.span(levels);
        return new long[] {0, span - 1, 0xf_1234_5678L & span - 1, 0x8_fedc_ba98L & span - 1};
    }

    @Clause(
            id = "NODE-01",
            promise =
                    "Trees of every height are opened over the granter's own ordinary memory, with one reference on the root until they"
                            + " are disposed of; other heights, limits and roots are refused, and nothing is held then.",
            source = "TreeFormat (open); grant-v3.md, TREE-4, TREE-9")
    void opened(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        long root = granter.pageFrame(0);
        long references = world.references(0);
        long uses = frames.typeUses(granter.machineFrame(0));
        int most = BareTree.format(world).maxLevels();
        for (int levels = 1; levels <= most; levels++) {
            long span = RawTree.span(levels);
            for (long limit : new long[] {0, -1, span + 1}) {
                expectRefused(world, root, levels, limit);
            }
            BareTree.with(world, levels, (tree, height) -> {
                tree.expectHeld(height, 0, 1);
                Expect.equal("size", span, tree.table().size());
            });
        }
        expectRefused(world, root, 0, 1);
        expectRefused(world, root, -1, 1);
        expectRefused(world, root, most + 1, 1);
        long foreign = world.third().machineFrame(3);
        long hole = Page.frame(granter.slot(7));
        for (long wrong : new long[] {hole, NOWHERE, foreign}) {
            expectRefused(world, wrong, 1, 1);
        }
        Expect.equal("references on the page", references, world.references(0));
        Expect.equal("type uses of the page", uses, frames.typeUses(granter.machineFrame(0)));
    }

    private static void expectRefused(World world, long root, int levels, long limit) {
        TreeFormat.Opened opened = new TreeFormat.Opened();
        int status = BareTree.open(world, root, levels, limit, opened);
        Expect.holds(
                "refused: root 0x" + Long.toHexString(root) + ", " + levels + " levels, limit " + limit, status < 0);
        Expect.holds("no table comes with a refusal", opened.table == null);
    }

    @Needs(granter = "translated")
    @Clause(
            id = "NODE-02",
            promise = "A number that means memory which may only be read is no node, and no root.",
            source = "TreeFormat (open); grant-v3.md, WALK-2")
    void readOnlyMemory(World world) {
        PhysicalMap map = world.granter().domain().physicalMap();
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            tree.put(0, LEAF);
            long node = tree.node(1, 0);
            long frame = map.machineFrame(node);
            map.set(node, frame, Page.ORDER_4K, PhysicalMap.RAM_RO);
            expectAnswer(tree, 0, Status.BAD_GNTREF);
            expectRefused(world, node, 1, 1);
            tree.expectHeld(1, 0, 0);
            map.set(node, frame, Page.ORDER_4K, PhysicalMap.RAM_RW);
            tree.table().release(tree.located(0));
            tree.expectForgotten();
        });
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "NODE-03",
            promise = "A PV granter's page table is no root and no node, and nothing is held on it after the refusal.",
            source = "TreeFormat (open); grant-v3.md, WALK-2, SEC-15")
    void pageTables(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        long pageTable = Page.frame(granter.domain().addressSpace().entryAddress(granter.page(0)));
        long references = frames.references(pageTable);
        long uses = frames.typeUses(pageTable);
        expectRefused(world, pageTable, 1, 1);
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            tree.node(1, 0);
            tree.put(2, 0, RawTree.table(pageTable));
            expectAnswer(tree, 0, Status.BAD_GNTREF);
        });
        Expect.equal("references on the page table", references, frames.references(pageTable));
        Expect.equal("type uses of the page table", uses, frames.typeUses(pageTable));
        Expect.equal("its type", FrameTable.TYPE_L1, frames.type(pageTable));
    }

    @Clause(
            id = "NODE-04",
            promise =
                    "locate finds a page at the end of its path in a tree of any height and says all of it, the first time and again; its"
                            + " node is held until it is let go of.",
            source = LOCATE)
    void found(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            for (long index : indices(levels)) {
                tree.put(index, LEAF);
                for (int time = 0; time < 3; time++) {
                    Leaf leaf = tree.located(index);
                    expectDescribed(tree, leaf, index, 1);
                    tree.expectHeld(1, index, 1);
                    Expect.equal("what it allows", BareTree.EVERYTHING, leaf.rights);
                    tree.table().release(leaf);
                }
                tree.expectForgotten();
                tree.put(index, 0);
            }
        });
    }

    private static void expectDescribed(BareTree tree, Leaf leaf, long index, int level) {
        long order = BareTree.order(level);
        long word = tree.get(level, index);
        Expect.equal("key", index >>> order << order, leaf.key);
        Expect.equal("order", order, leaf.order);
        Expect.equal("kind", Leaf.PAGE, leaf.kind);
        Expect.equal("gfn", Page.frame(word & V3Entry.FRAME_MASK) + (index & (1L << order) - 1), leaf.gfn);
        Expect.equal("snapshot", BareTree.grant(word), leaf.snapshot);
        Expect.equal("address of the word", tree.address(level, index), leaf.wordAddress);
        Expect.equal("first byte", 0, leaf.windowStart);
        Expect.equal("bytes", Page.SIZE, leaf.windowLength);
        Expect.equal(
                "frame of the snapshot",
                Page.frame(word & V3Entry.FRAME_MASK),
                tree.table().frame(leaf.snapshot));
        Expect.equal(
                "generation of the snapshot",
                (word & V3Entry.GEN_MASK) >>> V3Entry.GEN_SHIFT,
                tree.table().generation(leaf.snapshot));
    }

    @Clause(
            id = "NODE-05",
            promise = "No index below zero, at or beyond the limit is found, and none holds anything.",
            source = LOCATE + " (WALK-1)")
    void bounds(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            long span = RawTree.span(levels);
            tree.put(0, LEAF);
            tree.put(span - 1, LEAF);
            tree.table().release(tree.located(0));
            tree.table().release(tree.located(span - 1));
            for (long index : new long[] {-1, Long.MIN_VALUE, span, span + 1, Long.MAX_VALUE}) {
                expectAnswer(tree, index, Status.BAD_GNTREF);
            }
            tree.expectForgotten();
        });
    }

    /** What is no grant is answered so, and nothing stays held. */
    private static void expectAnswer(BareTree tree, long index, int status) {
        Leaf leaf = new Leaf();
        Expect.status(
                "status of locate at 0x" + Long.toHexString(index),
                status,
                tree.table().locate(index, BareTree.READ, leaf));
        Expect.holds("no node is kept", leaf.keeper == null);
    }

    @Clause(
            id = "NODE-06",
            promise =
                    "A large leaf is found by each of its indices, wherever it stands in trees of up to four levels; all nodes are let go"
                            + " of when it is, and none is remembered for it.",
            source = LOCATE + "; LARGE")
    void largeLeaves(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            for (int level = 2; level <= Math.min(levels, HIGHEST_LEAF); level++) {
                int order = (int) BareTree.order(level);
                for (long index : indices(levels)) {
                    long word = (LEAF & ~V3Entry.FRAME_MASK) | Page.address(3L << order);
                    long before = tree.get(level, index);
                    tree.put(level, index, word);
                    for (long asked : new long[] {index, index | (1L << order) - 1, index >>> order << order}) {
                        Leaf leaf = tree.located(asked);
                        expectDescribed(tree, leaf, asked, level);
                        Expect.equal("what it allows", BareTree.EVERYTHING, leaf.rights);
                        tree.expectHeld(level, index, 1);
                        tree.table().keep(leaf);
                        leaf.letGo();
                        tree.expectHeld(level, index, level == levels ? 1 : 0);
                    }
                    for (int bit = 0; bit < order; bit++) {
                        tree.put(level, index, word ^ Page.address(1L << bit));
                        expectAnswer(tree, index, Status.BAD_PAGE);
                    }
                    tree.put(level, index, word ^ Page.address(1L << order));
                    tree.table().release(tree.located(index));
                    tree.put(level, index, before);
                    Expect.equal("nodes held", 0, tree.table().nodeCache().held());
                }
            }
            tree.expectForgotten();
        });
    }

    @Clause(
            id = "NODE-07",
            promise = "The root of a tree of four levels has no leaves and no tombstones.",
            source = LOCATE + " (WALK-6, WALK-7)")
    void noneAtLevelFour(World world) {
        BareTree.ofEachHeight(world, HIGHEST_LEAF + 1, (tree, levels) -> {
            for (long word : new long[] {V3Entry.LEAF, V3Entry.TOMBSTONE}) {
                tree.put(levels, 0, word);
                expectAnswer(tree, 0, Status.BAD_GNTREF);
            }
        });
    }

    @Clause(
            id = "NODE-08",
            promise =
                    "The word at the end of the way is judged by its type and its zero bits, on each level; of what grants nothing a"
                            + " tombstone alone is described and held.",
            source = LOCATE + " (WALK-4 to WALK-7)")
    void judged(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            for (int level = 1; level <= Math.min(levels, HIGHEST_LEAF); level++) {
                long index = RawTree.span(levels) - 1;
                long aligned = LEAF & ~V3Entry.FRAME_MASK;
                tree.put(level, index, BareTree.type(aligned, V3Entry.EMPTY) | 0xff0);
                expectAnswer(tree, index, Status.BAD_GNTREF);
                for (int bit : new int[] {6, 7, 8, 63}) {
                    tree.put(level, index, aligned | 1L << bit);
                    expectAnswer(tree, index, Status.BAD_GNTREF);
                    tree.put(level, index, BareTree.type(LEAF | 1L << bit, V3Entry.TOMBSTONE));
                    Leaf leaf = new Leaf();
                    Expect.status(
                            "status of locate", Status.REVOKED, tree.table().locate(index, BareTree.READ, leaf));
                    expectDescribed(tree, leaf, index, level);
                    tree.expectHeld(level, index, 1);
                    tree.table().release(leaf);
                }
                tree.put(level, index, aligned | V3Entry.NOTIFY | BareTree.MAPPED | V3Entry.W_SEEN);
                tree.table().release(tree.located(index));
                tree.put(level, index, 0);
                tree.expectForgotten();
            }
            tree.put(0, RawTree.table(tree.node(1, 0)));
            expectAnswer(tree, 0, Status.BAD_GNTREF);
            tree.expectForgotten();
        });
    }

    @Clause(
            id = "NODE-09",
            promise =
                    "What a leaf allows is what its word and every table entry above it allow, the first time and again.",
            source = "Leaf (rights); grant-v3.md, WALK-5")
    void rights(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            long index = RawTree.span(levels) - 2;
            for (long bits : new long[] {0, V3Entry.W, V3Entry.DEV, V3Entry.W | V3Entry.DEV}) {
                for (long only : new long[] {0, V3Entry.COPY_ONLY}) {
                    tree.put(index, FRAME | V3Entry.LEAF | bits | only);
                    for (int masked = 1; masked <= levels; masked++) {
                        for (long without : new long[] {V3Entry.W, V3Entry.DEV, V3Entry.W | V3Entry.DEV}) {
                            long gone = masked == 1 ? 0 : without;
                            expectRights(tree, index, masked, gone, rights((bits & ~gone) | only));
                        }
                    }
                }
            }
        });
    }

    private static int rights(long bits) {
        boolean hosts = (bits & V3Entry.COPY_ONLY) == 0;
        return Access.READ
                | Access.COPY
                | ((bits & V3Entry.W) != 0 ? Access.WRITE : 0)
                | (hosts ? Access.HOST : 0)
                | (hosts && (bits & V3Entry.DEV) != 0 ? Access.DEVICE : 0);
    }

    private static void expectRights(BareTree tree, long index, int level, long without, int rights) {
        long above = level == 1 ? 0 : tree.get(level, index);
        if (level > 1) {
            tree.put(level, index, above & ~without);
            tree.table().invalidate(index, level);
        }
        for (int time = 0; time < 2; time++) {
            Leaf leaf = tree.located(index);
            Expect.equal("what it allows, masked on level " + level, rights, leaf.rights);
            tree.table().release(leaf);
        }
        if (level > 1) {
            tree.put(level, index, above);
            tree.table().invalidate(index, level);
        }
    }

    @Clause(
            id = "NODE-10",
            promise =
                    "A table entry that leads to nothing, to no node of the granter's or has a bit that must be zero ends the way on"
                            + " whatever level, also for the verbs that come to a leaf that is known; nothing is held.",
            source = LOCATE + " (WALK-2, WALK-5)")
    void deadEnds(World world) {
        long foreign = world.third().machineFrame(3);
        long hole = Page.frame(world.granter().slot(7));
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            long index = RawTree.span(levels) - 1;
            tree.put(index, LEAF | BareTree.MAPPED);
            for (int level = 2; level <= levels; level++) {
                long sound = tree.get(level, index);
                for (long word : new long[] {
                    0,
                    sound & ~V3Entry.TYPE_MASK,
                    RawTree.table(foreign),
                    RawTree.table(hole),
                    RawTree.table(NOWHERE),
                    sound | V3Entry.NOTIFY,
                    sound | V3Entry.W_SEEN,
                    sound | 1L << V3Entry.GEN_SHIFT,
                    sound | 1L << (Long.SIZE - 1)
                }) {
                    tree.put(level, index, word);
                    tree.table().invalidate(index, level);
                    expectAnswer(tree, index, Status.BAD_GNTREF);
                    expectUntouched(tree, index);
                }
                tree.put(level, index, sound | V3Entry.SW_MASK);
                tree.table().release(tree.located(index));
                tree.put(level, index, sound);
            }
            Expect.equal("the word", LEAF | BareTree.MAPPED, tree.get(index));
            tree.expectForgotten();
        });
    }

    /** Nothing is there to be changed, and that is no failure. */
    private static void expectUntouched(BareTree tree, long index) {
        long grant = BareTree.grant(LEAF);
        Leaf near = new Leaf();
        tree.table().clear(index, Page.ORDER_4K, grant, BareTree.BOTH);
        tree.table().clear(near, index, Page.ORDER_4K, grant, BareTree.BOTH);
        Expect.holdsNot("told", tree.table().end(index, Page.ORDER_4K, grant));
        Expect.holdsNot("told", tree.table().end(near, index, Page.ORDER_4K, grant));
        Expect.equal("told of", 0, tree.table().end(near, index, new long[] {grant}, 0, 1));
        Expect.status("status of close", Status.OKAY, tree.table().close(index, Page.ORDER_4K, grant));
        Expect.status("status of protect", Status.OKAY, tree.table().protect(index, Page.ORDER_4K, grant));
        Expect.status("status of synchronise", Status.OKAY, tree.table().synchronise(index, Page.ORDER_4K, grant, 0));
        tree.table().attached(index, Page.ORDER_4K, true);
        Expect.holds("no node is kept", near.keeper == null);
    }

    @Interruptible
    @Clause(
            id = "NODE-11",
            promise =
                    "locate loads one word of each level, once; with a leaf that keeps the node it loads the one word.",
            source = LOCATE + " (WALK-3); TreeTable (keep)")
    void loadedOnce(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            long index = RawTree.span(levels) - 1;
            tree.put(index, LEAF);
            tree.put(index - 1, LEAF);
            Leaf leaf = new Leaf();
            int loads = world.interruption().throughout(() -> {}, () -> tree.locate(index, leaf));
            Expect.equal("words that are looked at", levels, loads);
            tree.table().keep(leaf);
            loads = world.interruption().throughout(() -> {}, () -> tree.locate(index - 1, leaf));
            Expect.equal("words that are looked at again", 1, loads);
            tree.table().release(leaf);
        });
    }

    @Interruptible
    @Clause(
            id = "NODE-12",
            promise =
                    "Whatever the granter stores before any look of locate, the answer is what the old or the new words say, and nothing"
                            + " stays held.",
            source = LOCATE + " (WALK-2, WALK-3)")
    void changedOnTheWay(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            long index = RawTree.span(levels) - 1;
            for (int level = 1; level <= levels; level++) {
                tree.put(index, LEAF);
                long sound = tree.get(level, index);
                int changed = level;
                for (int moment = 0; moment < levels; moment++) {
                    tree.table().invalidate(index, levels);
                    Leaf leaf = new Leaf();
                    int[] status = new int[1];
                    world.interruption()
                            .before(
                                    moment,
                                    () -> tree.put(changed, index, 0),
                                    () -> status[0] = tree.table().locate(index, BareTree.READ, leaf));
                    boolean seen = moment <= levels - level;
                    Expect.status(
                            "status of locate, level " + level + " changed before look " + moment,
                            seen ? Status.BAD_GNTREF : Status.OKAY,
                            status[0]);
                    if (status[0] == Status.OKAY) {
                        tree.table().release(leaf);
                    }
                    tree.put(level, index, sound);
                }
            }
            tree.expectForgotten();
        });
    }
}
