package grantlab.conformance.clause;

import static grantlab.conformance.clause.BareTree.MAPPED;
import static grantlab.conformance.clause.BareTree.READ;
import static grantlab.conformance.clause.BareTree.WRITE;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.LeafRun;
import grantlab.api.grant.NodeCacheCounts;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;

/** Which nodes are held, by whom and until when; what is remembered of them; growing, showing and disposing. */
@Needs(format = "layout-tree")
final class NodeHolds {
    private static final String HOLDS = "TreeTable (keep, release, letGo); grant-v3.md, WALK-2, 7.5";
    private static final String CACHE = "grant-v3.md, 7.5, TLB-4; NodeCacheCounts";
    private static final int NODE = 1 << V3Entry.LEVEL_BITS;
    private static final int MOST_NODES = 64;
    private static final int AT = 5;
    private static final long NOWHERE = 0x7_7777_7777L;
    private static final long LEAF = 0x4_0000L << V3Entry.FRAME_SHIFT | V3Entry.LEAF | V3Entry.W | V3Entry.DEV;
    private static final long GRANT = BareTree.grant(LEAF);
    private static final int HIGHEST_LEAF = 3;

    @Clause(
            id = "NODE-33",
            promise =
                    "Whoever located a leaf may use its word until the leaf is let go of, whatever is forgotten meanwhile; keep leaves the"
                            + " node held until the leaf comes elsewhere, or lets go.",
            source = HOLDS)
    void heldByItsUser(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            long far = AT + NODE;
            tree.put(AT, LEAF);
            tree.put(far, LEAF);
            Leaf leaf = tree.located(AT);
            table.invalidate(AT, 2);
            tree.expectHeld(1, AT, 1);
            Expect.status("status of mark", Status.OKAY, tree.mark(leaf, WRITE));
            Expect.equal("the word", LEAF | MAPPED | V3Entry.W_SEEN, tree.get(AT));
            table.keep(leaf);
            tree.expectHeld(1, AT, 1);
            leaf.letGo();
            tree.expectHeld(1, AT, 0);

            world.step("kept, and then it comes elsewhere");
            tree.put(AT, LEAF);
            tree.locate(AT, leaf);
            table.keep(leaf);
            table.invalidate(AT, 2);
            tree.expectHeld(1, AT, 1);
            tree.locate(far, leaf);
            tree.expectHeld(1, AT, 0);
            table.release(leaf);
            table.invalidate(far, 2);
            tree.expectHeld(1, far, 0);

            world.step("kept, and then it comes to what is no grant");
            tree.locate(AT, leaf);
            table.keep(leaf);
            table.invalidate(AT, 2);
            Expect.status("status of locate", Status.BAD_GNTREF, table.locate(far + 1, READ, leaf));
            Expect.holds("no node is kept", leaf.keeper == null);
            tree.expectHeld(1, AT, 0);
            tree.locate(AT, leaf);
            table.keep(leaf);
            table.invalidate(AT, 2);
            Expect.status("status of locate", Status.BAD_GNTREF, table.locate(-1, READ, leaf));
            tree.expectHeld(1, AT, 0);
            tree.expectForgotten();
        });
    }

    @Clause(
            id = "NODE-34",
            promise =
                    "Two that hold one node hold it each for itself, and what one keeps is not let go of by the other, nor by ends of uses"
                            + " through it.",
            source = HOLDS)
    void heldTwice(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF);
            tree.put(AT + 1, LEAF);
            Leaf one = tree.located(AT);
            Leaf other = tree.located(AT + 1);
            table.release(one);
            table.invalidate(AT, 2);
            tree.expectHeld(1, AT, 1);
            Expect.status("status of mark", Status.OKAY, tree.mark(other, WRITE));
            table.release(other);
            tree.expectHeld(1, AT, 0);

            world.step("the end of a use keeps the node");
            Leaf near = new Leaf();
            table.end(near, AT, Page.ORDER_4K, GRANT);
            table.end(near, AT + 1, Page.ORDER_4K, GRANT);
            table.clear(near, AT, Page.ORDER_4K, GRANT, Access.READ);
            table.end(near, AT, new long[] {GRANT, GRANT}, 0, 2);
            table.invalidate(AT, 2);
            tree.expectHeld(1, AT, 1);
            near.letGo();
            tree.expectHeld(1, AT, 0);
            Expect.equal("the word", LEAF | V3Entry.W_SEEN, tree.get(AT + 1));
            world.step("verbs without one keep nothing");
            table.end(AT, Page.ORDER_4K, GRANT);
            table.clear(AT, Page.ORDER_4K, GRANT, Access.READ);
            table.protect(AT, Page.ORDER_4K, GRANT);
            table.close(AT, Page.ORDER_4K, GRANT);
            table.attached(AT, Page.ORDER_4K, true);
            table.synchronise(AT, Page.ORDER_4K, GRANT, 0);
            tree.expectForgotten();
        });
    }

    @Clause(
            id = "NODE-35",
            promise =
                    "A node that is kept is gone by no more once its table entry changed and was invalidated: locate, look, clear and end go"
                            + " by the new way.",
            source = HOLDS + ", TLB-4")
    void keptTooLong(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF | MAPPED);
            for (int level = 2; level <= levels; level++) {
                long way = tree.get(level, AT);
                Leaf near = tree.located(AT);
                table.keep(near);
                tree.put(level, AT, 0);
                table.invalidate(AT, level);
                Expect.equal("leaves", 0, table.look(near, AT, 1, READ, new LeafRun()));
                Expect.holdsNot("told", table.end(near, AT, Page.ORDER_4K, GRANT));
                Expect.equal("told of", 0, table.end(near, AT, new long[] {GRANT}, 0, 1));
                table.clear(near, AT, Page.ORDER_4K, GRANT, BareTree.BOTH);
                Expect.equal("the word of before", LEAF | MAPPED, tree.get(AT));
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(AT, READ, near));
                Expect.holds("no node is kept", near.keeper == null);
                tree.put(level, AT, way);
            }
            tree.expectForgotten();
        });
    }

    @Needs(granter = "translated")
    @Clause(
            id = "NODE-36",
            promise =
                    "When the number of a node means another page the words there count, for whoever keeps the node too; the old page is let"
                            + " go of.",
            source = HOLDS)
    void anotherPage(World world) {
        PhysicalMap map = world.granter().domain().physicalMap();
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF | MAPPED);
            long node = tree.node(1, AT);
            long old = map.machineFrame(node);
            long spare = tree.page();
            long page = map.machineFrame(spare);
            Leaf kept = tree.located(AT);
            table.keep(kept);
            table.release(tree.located(AT));
            map.set(node, page, Page.ORDER_4K, PhysicalMap.RAM_RW);
            map.set(spare, old, Page.ORDER_4K, PhysicalMap.RAM_RW);
            Expect.equal("leaves", 0, table.look(kept, AT, 1, READ, new LeafRun()));
            table.end(kept, AT, Page.ORDER_4K, GRANT);
            table.end(AT, Page.ORDER_4K, GRANT);
            Expect.equal("the old word", LEAF | MAPPED, world.machine().memory().load64(Page.address(old) + AT * 8L));
            Expect.status("status of locate", Status.BAD_GNTREF, table.locate(AT, READ, kept));
            tree.put(AT, LEAF);
            table.release(tree.located(AT));
            map.set(node, old, Page.ORDER_4K, PhysicalMap.RAM_RW);
            map.set(spare, page, Page.ORDER_4K, PhysicalMap.RAM_RW);
            Expect.equal("the old word", LEAF | MAPPED, tree.get(AT));
            table.release(tree.located(AT));
            tree.expectForgotten();
        });
    }

    @Clause(
            id = "NODE-37",
            promise =
                    "An invalidation has all nodes below its entry let go of, of every level; what is beside it is found without a walk.",
            source = CACHE)
    void invalidated(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            for (int level = 2; level <= levels; level++) {
                long beside = AT + (1L << BareTree.order(level));
                long last = AT + (1L << BareTree.order(level)) - NODE;
                for (long index : new long[] {AT, last, beside}) {
                    tree.put(index, LEAF);
                    table.release(tree.located(index));
                    table.release(tree.located(index));
                }
                long walks = table.nodeCache().walks();
                table.invalidate(AT + 3, level);
                tree.expectHeld(1, AT, 0);
                tree.expectHeld(1, last, 0);
                table.release(tree.located(beside));
                Expect.equal("walks for what is beside", walks, table.nodeCache().walks());
                table.release(tree.located(AT));
                Expect.equal("walks for what is below", walks + 1, table.nodeCache().walks());
            }
            tree.expectForgotten();
        });
    }

    @Clause(
            id = "NODE-38",
            promise =
                    "Of a lookup it is counted whether it needed a walk, of a tree of one level it never does; a large leaf is walked to each"
                            + " time, and held are the nodes that are remembered.",
            source = CACHE)
    void counted(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            TreeTable table = tree.table();
            expectCounts(new NodeCacheCounts(0, 0, 0, 0), table);
            int deep = levels > 1 ? 1 : 0;
            tree.put(AT, LEAF);
            for (int time = 0; time < 4; time++) {
                table.release(tree.located(AT));
                expectCounts(new NodeCacheCounts(time + 1L - deep, deep, deep, deep), table);
            }
            table.end(AT, Page.ORDER_4K, GRANT);
            expectCounts(new NodeCacheCounts(5L - deep, deep, deep, deep), table);
            Leaf near = tree.located(AT);
            table.keep(near);
            tree.locate(AT, near);
            table.end(near, AT, Page.ORDER_4K, GRANT);
            expectCounts(new NodeCacheCounts(8L - deep, deep, deep, deep), table);
            near.letGo();
            if (levels == 1) {
                return;
            }
            table.invalidate(AT, 2);
            expectCounts(new NodeCacheCounts(8L - deep, 1, 1, 0), table);
            table.end(AT, Page.ORDER_4K, GRANT);
            expectCounts(new NodeCacheCounts(8L - deep, 2, 2, 1), table);
            tree.put(2, NODE, LEAF);
            long walks = table.nodeCache().walks();
            table.release(tree.located(NODE));
            table.end(NODE, Page.ORDER_2M, GRANT);
            Expect.equal("walks", walks + 2, table.nodeCache().walks());
            Expect.equal("nodes held", 1, table.nodeCache().held());
        });
    }

    private static void expectCounts(NodeCacheCounts expected, TreeTable table) {
        Expect.equal("hits, misses, walks and nodes held", expected, table.nodeCache());
    }

    @Clause(
            id = "NODE-39",
            promise =
                    "However many nodes are in use at once each is held for its user, and found; at most 64 of them are remembered, and when"
                            + " all users have gone and all is forgotten none is held.",
            source = CACHE)
    void manyNodes(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF);
            long node = tree.get(2, AT);
            int most = 3 * MOST_NODES;
            for (int n = 1; n < most; n++) {
                tree.put(2, (long) n * NODE, node);
            }
            for (int step : new int[] {1, 16, 2 * MOST_NODES}) {
                List<Leaf> held = new ArrayList<>();
                for (int n = 0; n < most; n += step) {
                    Leaf leaf = tree.located((long) n * NODE + AT);
                    Expect.equal("key", (long) n * NODE + AT, leaf.key);
                    held.add(leaf);
                    tree.expectHeld(1, AT, held(tree, held));
                    Expect.holds("at most 64 nodes", table.nodeCache().held() <= MOST_NODES);
                }
                for (int n = 0; n < most; n += step) {
                    Leaf again = tree.located((long) n * NODE + AT);
                    Expect.status("status of mark", Status.OKAY, tree.mark(again, WRITE));
                    table.release(again);
                    Expect.status("status of mark", Status.OKAY, tree.mark(held.get(n / step), WRITE));
                }
                held.forEach(table::release);
                Expect.equal("holders", table.nodeCache().held(), holders(tree));
                for (int n = 0; n < most; n += step) {
                    table.release(tree.located((long) n * NODE + AT));
                }
                Expect.equal("holders", table.nodeCache().held(), holders(tree));
                for (int n = 0; n < most; n++) {
                    table.invalidate((long) n * NODE, 2);
                }
                Expect.equal("nodes held", 0, table.nodeCache().held());
                tree.expectHeld(1, AT, 0);
            }
        });
    }

    /** Those that are remembered, and of the users those that have references of their own. */
    private static int held(BareTree tree, List<Leaf> users) {
        int remembered = tree.table().nodeCache().held();
        Expect.holds("each user holds its node", holders(tree) >= users.size());
        Expect.holds("nobody holds one twice", holders(tree) <= users.size() + remembered);
        return holders(tree);
    }

    private static int holders(BareTree tree) {
        return tree.holders(1, AT);
    }

    @Clause(
            id = "NODE-40",
            promise =
                    "A tree grows under a root that leads to the old one, up to the height that the format has; every other root is refused,"
                            + " nothing is held on it, and the tree is as it was.",
            source = "TreeTable (grow); grant-v3.md, 5.3")
    void grown(World world) {
        long foreign = world.third().machineFrame(3);
        int most = BareTree.format(world).maxLevels();
        BareTree.ofEachHeight(world, 1, (tree, lowest) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF);
            table.release(tree.located(AT));
            long below = tree.root();
            for (int levels = lowest; levels < most; levels++) {
                long top = tree.page();
                long sound = RawTree.table(below);
                for (long word : new long[] {
                    0,
                    sound & ~V3Entry.TYPE_MASK,
                    BareTree.type(sound, V3Entry.LEAF),
                    BareTree.type(sound, V3Entry.TOMBSTONE),
                    sound | V3Entry.NOTIFY,
                    RawTree.table(top),
                    RawTree.table(NOWHERE),
                    RawTree.table(foreign)
                }) {
                    tree.write(top, 0, word);
                    Expect.status("status of grow", Status.BAD_PAGE, table.grow(top));
                    Expect.equal("size", RawTree.span(levels), table.size());
                    tree.expectHolders(top, 0);
                    tree.expectHolders(below, 1);
                }
                for (long wrong : new long[] {NOWHERE, foreign}) {
                    Expect.status("status of grow", Status.BAD_PAGE, table.grow(wrong));
                }
                tree.write(top, 0, sound & ~V3Entry.W | V3Entry.SW_MASK);
                Expect.status("status of grow", Status.OKAY, table.grow(top));
                Expect.equal("size", RawTree.span(levels + 1), table.size());
                tree.expectHolders(top, 1);
                tree.expectHolders(below, 1);
                world.step("what was remembered of before knows nothing of the new mask");
                Leaf leaf = tree.located(AT);
                Expect.equal("gfn", LEAF >>> V3Entry.FRAME_SHIFT, leaf.gfn);
                Expect.equal("what it allows", BareTree.EVERYTHING & ~Access.WRITE, leaf.rights);
                table.release(leaf);
                tree.write(top, 0, sound);
                table.invalidate(AT, levels + 1);
                leaf = tree.located(AT);
                Expect.equal("what it allows", BareTree.EVERYTHING, leaf.rights);
                table.release(leaf);
                world.step("the last index is new");
                long last = RawTree.span(levels + 1) - 1;
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(last, READ, leaf));
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(last + 1, READ, leaf));
                if (levels + 1 <= HIGHEST_LEAF) {
                    tree.write(top, NODE - 1, LEAF);
                    Expect.status("status of locate", Status.OKAY, table.locate(last, READ, leaf));
                    Expect.equal("key", last + 1 - (1L << BareTree.order(levels + 1)), leaf.key);
                    table.release(leaf);
                }
                below = top;
            }
            long top = tree.page();
            tree.write(top, 0, RawTree.table(below));
            Expect.status("status of grow", Status.BAD_SIZE, table.grow(top));
            tree.expectHolders(top, 0);
            table.release(tree.located(AT));
        });
    }

    @Clause(
            id = "NODE-41",
            promise =
                    "A tree shows the nodes that it holds, once for each reference, the root first, those that it outgrew too; a node that is"
                            + " in use stays among them until its user lets go.",
            source = "TreeTable (visitHeldNodes)")
    void shown(World world) {
        PhysicalMap map = world.granter().domain().physicalMap();
        int most = BareTree.format(world).maxLevels();
        BareTree.ofEachHeight(world, 1, (tree, lowest) -> {
            TreeTable table = tree.table();
            List<Long> expected = new ArrayList<>(List.of(map.machineFrame(tree.root())));
            expectShown(table, expected);
            long far = RawTree.span(lowest) - 1;
            tree.put(AT, LEAF);
            tree.put(far, LEAF);
            Leaf near = tree.located(AT);
            table.release(tree.located(far));
            if (lowest > 1) {
                expected.add(map.machineFrame(tree.node(1, AT)));
                expected.add(map.machineFrame(tree.node(1, far)));
            }
            expectShown(table, expected);
            if (lowest > 1) {
                world.step("forgotten, and one of them in use");
                table.invalidate(AT, 2);
                table.invalidate(far, 2);
                expected.removeLast();
                expectShown(table, expected);
            }
            table.release(near);
            expected.subList(1, expected.size()).clear();
            expectShown(table, expected);
            long below = tree.root();
            for (int levels = lowest; levels < most; levels++) {
                long top = tree.page();
                tree.write(top, 0, RawTree.table(below));
                Expect.status("status of grow", Status.OKAY, table.grow(top));
                expected.addFirst(map.machineFrame(top));
                expectShown(table, expected);
                below = top;
            }
        });
    }

    private static void expectShown(TreeTable table, List<Long> expected) {
        List<Long> shown = new ArrayList<>();
        table.visitHeldNodes(shown::add);
        Expect.equal("the root", expected.getFirst(), shown.getFirst());
        Expect.equal(
                "nodes",
                expected.stream().sorted().toList(),
                shown.stream().sorted().toList());
    }

    @Clause(
            id = "NODE-42",
            promise =
                    "A survey shows each leaf and tombstone of every level, and nothing else; a node that several entries lead to once, and"
                            + " loops end. Nothing is held afterwards.",
            source = "TreeTable (survey); grant-v3.md, 10")
    void surveyed(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            TreeTable table = tree.table();
            List<String> expected = new ArrayList<>();
            expectSurvey(table, expected);
            for (int level = 1; level <= levels; level++) {
                long step = 1L << BareTree.order(level);
                long first = RawTree.span(levels) - NODE * step;
                for (int n = 2; n < 4; n++) {
                    boolean dead = n == 3;
                    long frame = (long) n << BareTree.order(level);
                    long word = Page.address(frame)
                            | (dead ? V3Entry.TOMBSTONE : V3Entry.LEAF)
                            | (long) n << V3Entry.GEN_SHIFT
                            | MAPPED;
                    tree.put(level, first + n * step, word);
                    if (level <= HIGHEST_LEAF) {
                        expected.add(entry(
                                first + n * step, (int) BareTree.order(level), frame, BareTree.grant(word), dead));
                    }
                }
            }
            expectSurvey(table, expected);
            world.step("what leads nowhere, and in a loop");
            tree.put(1, RawTree.table(tree.root()));
            if (levels > 1) {
                tree.put(levels, 5L << BareTree.order(levels), RawTree.table(tree.root()));
                tree.put(levels, 6L << BareTree.order(levels), RawTree.table(NOWHERE));
                tree.put(2, 7L << BareTree.order(2), RawTree.table(tree.node(1, RawTree.span(levels) - 1)));
                tree.put(2, 8L << BareTree.order(2), RawTree.table(tree.node(1, 0)) | V3Entry.NOTIFY);
            }
            List<String> shown = survey(table);
            Expect.equal("leaves", expected.size(), shown.size());
            tree.expectForgotten();
        });
    }

    private static String entry(long key, int order, long gfn, long snapshot, boolean tombstone) {
        return key + "/" + order + " " + gfn + " " + snapshot + " " + tombstone;
    }

    private static List<String> survey(TreeTable table) {
        List<String> shown = new ArrayList<>();
        table.survey((key, order, gfn, snapshot, dead) -> shown.add(entry(key, order, gfn, snapshot, dead)));
        return shown;
    }

    private static void expectSurvey(TreeTable table, List<String> expected) {
        Expect.equal(
                "entries",
                expected.stream().sorted().toList(),
                survey(table).stream().sorted().toList());
    }

    @Clause(
            id = "NODE-43",
            promise = "Disposing of a tree gives back the root, those before it and all that is remembered.",
            source = "TreeTable (dispose)")
    void disposed(World world) {
        int most = BareTree.format(world).maxLevels();
        BareTree.ofEachHeight(world, 1, (tree, lowest) -> {
            long below = tree.root();
            for (int n = 0; n < 3; n++) {
                long index = AT + (RawTree.span(lowest) - 1 & (long) n * NODE);
                tree.put(index, LEAF);
                tree.table().release(tree.located(index));
            }
            for (int levels = lowest; levels < most; levels++) {
                long top = tree.page();
                tree.write(top, 0, RawTree.table(below));
                Expect.status("status of grow", Status.OKAY, tree.table().grow(top));
                tree.table().release(tree.located(AT));
                below = top;
            }
        });
    }
}
