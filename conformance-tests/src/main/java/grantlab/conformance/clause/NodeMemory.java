package grantlab.conformance.clause;

import static grantlab.conformance.clause.BareTree.READ;
import static grantlab.conformance.clause.BareTree.WRITE;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.NodeCacheCounts;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;

/** What is remembered of nodes: hits, misses, bounds, and what is forgotten when. */
@Needs(format = "layout-tree")
final class NodeMemory {
    private static final String CACHE = "grant-v3.md, 7.5, TLB-4; NodeCacheCounts";
    private static final int NODE = 1 << V3Entry.LEVEL_BITS;
    private static final int MOST_NODES = 64;
    private static final int AT = 5;
    private static final long LEAF = 0x4_0000L << V3Entry.FRAME_SHIFT | V3Entry.LEAF | V3Entry.W | V3Entry.DEV;
    private static final long GRANT = BareTree.grant(LEAF);

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
                Expect.equal(
                        "walks for what is beside", walks, table.nodeCache().walks());
                table.release(tree.located(AT));
                Expect.equal(
                        "walks for what is below", walks + 1, table.nodeCache().walks());
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

    @Clause(
            id = "NODE-44",
            promise = "However many nodes were used before, one that was used a moment ago is found without a walk.",
            source = CACHE)
    void lastOneIsFound(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF);
            long node = tree.get(2, AT);
            int most = 3 * MOST_NODES;
            for (int round = 0; round < 2; round++) {
                for (int n = 0; n < most; n++) {
                    tree.put(2, (long) n * NODE, node);
                    table.release(tree.located((long) n * NODE + AT));
                    long walks = table.nodeCache().walks();
                    table.release(tree.located((long) n * NODE + AT));
                    Expect.equal("walks", walks, table.nodeCache().walks());
                }
                Expect.equal("nodes held", MOST_NODES, table.nodeCache().held());
            }
        });
    }

    @Interruptible
    @Clause(
            id = "NODE-45",
            promise =
                    "An invalidation that comes before any look of a walk is one for that walk too: no later one goes by what it came to.",
            source = "TreeTable (invalidate); " + CACHE)
    void invalidatedOnTheWay(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF);
            long way = tree.get(2, AT);
            for (int moment = 0; moment < levels; moment++) {
                Leaf leaf = new Leaf();
                table.invalidate(AT, 2);
                world.interruption()
                        .before(
                                moment,
                                () -> {
                                    tree.put(2, AT, 0);
                                    table.invalidate(AT, 2);
                                },
                                () -> table.locate(AT, READ, leaf));
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(AT, READ, new Leaf()));
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(AT, READ, leaf));
                tree.expectHeld(1, AT, 0);
                tree.put(2, AT, way);
            }
            tree.expectForgotten();
        });
    }

    @Needs(granter = "translated")
    @Interruptible
    @Clause(
            id = "NODE-46",
            promise =
                    "A change of the granter's map before any look of a walk is one for that walk too, and with the next lookup all that is"
                            + " remembered of before is let go of.",
            source = CACHE)
    void mapChangesOnTheWay(World world) {
        PhysicalMap map = world.granter().domain().physicalMap();
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF);
            tree.put(AT + NODE, LEAF);
            long node = tree.node(1, AT);
            long old = map.machineFrame(node);
            long spare = tree.page();
            long page = map.machineFrame(spare);
            for (int moment = 0; moment < levels; moment++) {
                Leaf leaf = new Leaf();
                table.invalidate(AT, 2);
                world.interruption()
                        .before(
                                moment,
                                () -> {
                                    map.set(node, page, Page.ORDER_4K, PhysicalMap.RAM_RW);
                                    map.set(spare, old, Page.ORDER_4K, PhysicalMap.RAM_RW);
                                },
                                () -> table.locate(AT, READ, leaf));
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(AT, READ, new Leaf()));
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(AT, READ, leaf));
                map.set(node, old, Page.ORDER_4K, PhysicalMap.RAM_RW);
                map.set(spare, page, Page.ORDER_4K, PhysicalMap.RAM_RW);
                table.release(tree.located(AT));
                table.release(tree.located(AT + NODE));
                map.set(spare, page, Page.ORDER_4K, PhysicalMap.RAM_RW);
                table.release(tree.located(AT + NODE));
                tree.expectHeld(1, AT, 0);
            }
            tree.expectForgotten();
        });
    }

    private static void expectCounts(NodeCacheCounts expected, TreeTable table) {
        Expect.equal("hits, misses, walks and nodes held", expected, table.nodeCache());
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
}
