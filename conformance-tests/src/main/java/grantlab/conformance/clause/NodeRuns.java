package grantlab.conformance.clause;

import static grantlab.conformance.clause.BareTree.MAPPED;
import static grantlab.conformance.clause.BareTree.READ;
import static grantlab.conformance.clause.BareTree.WRITE;

import grantlab.api.Access;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.LeafRun;
import grantlab.api.grant.TreeTable;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Leaves of one page that stand beside one another, looked at, marked and ended together. */
@Needs(format = "layout-tree")
final class NodeRuns {
    private static final String LOOK = "TreeTable (look, mark, end); LeafRun";
    private static final int MOST = LeafRun.MOST;
    private static final int NODE = 1 << V3Entry.LEVEL_BITS;

    private static long word(int n) {
        return (0x1000L + n) << V3Entry.FRAME_SHIFT
                | (long) (n & 7) << V3Entry.GEN_SHIFT
                | V3Entry.LEAF
                | V3Entry.W
                | V3Entry.DEV;
    }

    /** A tree with as many leaves as are looked at together, and two more, and a leaf that keeps their node. */
    private interface Run {
        void of(BareTree tree, long first, Leaf near);
    }

    /** A table may have no such way: then it finds nothing, and nothing is asked of it. */
    private static void ofEachHeight(World world, Run run) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            for (long first : new long[] {RawTree.span(levels) - MOST - 2, NODE / 2}) {
                for (int n = 0; n < MOST + 2; n++) {
                    tree.put(first + n, word(n));
                }
                Leaf near = new Leaf();
                tree.locate(first, near);
                tree.table().keep(near);
                if (looks(tree.table())) {
                    run.of(tree, first, near);
                }
                near.letGo();
                for (int n = 0; n < MOST + 2; n++) {
                    tree.put(first + n, 0);
                }
            }
            tree.expectForgotten();
        });
    }

    /** Whether it has more than the interface says by itself. */
    private static boolean looks(TreeTable table) {
        try {
            Class<?> where = table.getClass()
                    .getMethod("look", Leaf.class, long.class, int.class, int.class, LeafRun.class)
                    .getDeclaringClass();
            return where != TreeTable.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    @Clause(
            id = "NODE-21",
            promise =
                    "Leaves that stand beside one another are looked at together, up to the first that is no ordinary leaf or allows less"
                            + " than is needed; of each frame and snapshot are said.",
            source = LOOK)
    void lookedAt(World world) {
        ofEachHeight(world, (tree, first, near) -> {
            LeafRun run = new LeafRun();
            for (int count = 1; count <= MOST; count++) {
                Expect.equal("leaves", count, tree.table().look(near, first, count, WRITE, run));
            }
            for (int n = 0; n < MOST; n++) {
                Expect.equal("frame " + n, 0x1000L + n, run.gfns[n]);
                Expect.equal("snapshot " + n, BareTree.grant(word(n)), run.snapshots[n]);
            }
            for (long other : new long[] {
                0,
                BareTree.type(word(2), V3Entry.TOMBSTONE),
                BareTree.type(word(2), V3Entry.TABLE),
                word(2) | 1L << 7,
                word(2) & ~V3Entry.W,
                word(2) | V3Entry.COPY_ONLY
            }) {
                tree.put(first + 2, other);
                Expect.equal("leaves before another", 2, tree.table().look(near, first, MOST, WRITE, run));
            }
            tree.put(first + 2, word(2) & ~V3Entry.W);
            Expect.equal("leaves for a reader", MOST, tree.table().look(near, first, MOST, READ, run));
            tree.put(first + 2, word(2) & ~V3Entry.DEV);
            Expect.equal("leaves for a device", 2, tree.table().look(near, first, MOST, READ | Access.DEVICE, run));
            Expect.equal("leaves behind it", MOST, tree.table().look(near, first + 1, MOST, READ, run));
        });
    }

    @Clause(
            id = "NODE-22",
            promise =
                    "Nothing is looked at that is not within the tree, or whose node nobody came to yet; whoever keeps another node has that"
                            + " one let go of.",
            source = LOOK)
    void nothingElse(World world) {
        ofEachHeight(world, (tree, first, near) -> {
            LeafRun run = new LeafRun();
            long span = RawTree.span(tree.levels());
            TreeTable table = tree.table();
            for (long outside : new long[] {-1, -MOST, Long.MIN_VALUE, span, span - 1, span - MOST + 1}) {
                Expect.equal("leaves at " + outside, 0, table.look(near, outside, MOST, READ, run));
            }
            if (first + MOST + 2 == span) {
                Expect.equal("leaves at the end", MOST, table.look(near, span - MOST, MOST, READ, run));
            }
            if (tree.levels() == 1) {
                return;
            }
            world.step("in a node that nobody came to, which a table entry leads to");
            long far = first ^ NODE;
            tree.put(far, word(0));
            int found = table.look(near, far, 1, READ, run);
            Expect.holds("found or not: " + found, found == 0 || (found == 1 && run.gfns[0] == 0x1000L));
            tree.expectHeld(1, far, found);
            world.step("in the node that is come to, with the node of before kept");
            Leaf leaf = tree.located(far);
            table.keep(leaf);
            Expect.equal("leaves there", 1, table.look(leaf, far, MOST, READ, run));
            Expect.equal("leaves here", MOST, table.look(leaf, first, MOST, READ, run));
            Expect.equal("frame", 0x1000L, run.gfns[0]);
            leaf.letGo();
            Expect.holds("no node is kept", leaf.keeper == null);
            world.step("what was kept is dropped with the table entry");
            tree.put(2, first, 0);
            table.invalidate(first, 2);
            Expect.equal("leaves behind an entry that went", 0, table.look(near, first, MOST, READ, run));
            tree.put(2, first, RawTree.table(tree.node(1, first)));
            tree.put(far, 0);
        });
    }

    @Clause(
            id = "NODE-23",
            promise =
                    "Leaves are marked together as they were looked at, up to the first that is another by then; what is behind that one is"
                            + " left alone.",
            source = LOOK)
    void marked(World world) {
        ofEachHeight(world, (tree, first, near) -> {
            LeafRun run = new LeafRun();
            TreeTable table = tree.table();
            for (int access : new int[] {READ, WRITE}) {
                long marks = access == WRITE ? MAPPED | V3Entry.W_SEEN : V3Entry.MAPPED_R;
                for (int changed = 0; changed <= MOST; changed++) {
                    for (long before : new long[] {0, marks}) {
                        for (int n = 0; n < MOST + 2; n++) {
                            tree.put(first + n, word(n) | before);
                        }
                        Expect.equal("leaves", MOST, table.look(near, first, MOST, access, run));
                        tree.put(first + changed, word(changed) | before | V3Entry.NOTIFY);
                        Expect.equal("leaves that are marked", changed, table.mark(run, MOST, World.GRANTEE, access));
                        for (int n = 0; n < MOST + 2; n++) {
                            long now = n < changed ? word(n) | marks : word(n) | before;
                            long notify = n == changed ? V3Entry.NOTIFY : 0;
                            Expect.equal("word " + n, now | notify, tree.get(first + n));
                        }
                    }
                }
                tree.put(first, word(0));
                tree.put(first + 1, word(1));
                table.look(near, first, MOST, access, run);
                Expect.equal("one of them", 1, table.mark(run, 1, World.GRANTEE, access));
                Expect.equal("the next", word(1), tree.get(first + 1));
            }
        });
    }

    @Interruptible
    @Clause(
            id = "NODE-24",
            promise =
                    "A granter that changes a leaf before any access of the marking of a run ends it there, and keeps its change.",
            source = LOOK)
    void changedMeanwhile(World world) {
        ofEachHeight(world, (tree, first, near) -> {
            LeafRun run = new LeafRun();
            for (int moment = 0; moment < MOST; moment++) {
                for (int n = 0; n < MOST; n++) {
                    tree.put(first + n, word(n));
                }
                Expect.equal("leaves", MOST, tree.table().look(near, first, MOST, WRITE, run));
                int[] marked = new int[1];
                int changed = moment;
                boolean came = world.interruption()
                        .before(
                                moment,
                                () -> tree.put(first + changed, 0),
                                () -> marked[0] = tree.table().mark(run, MOST, World.GRANTEE, WRITE));
                Expect.holds("an access for each", came);
                Expect.equal("leaves that are marked", moment, marked[0]);
                Expect.equal("what was stored", 0, tree.get(first + moment));
            }
        });
    }

    @Clause(
            id = "NODE-25",
            promise =
                    "Uses of leaves beside one another end together: each loses its marks, and a bit says which of them the granter wants to"
                            + " hear of; another grant among them is left alone.",
            source = LOOK)
    void ended(World world) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            long first = RawTree.span(levels) - MOST;
            for (int count = 1; count <= MOST; count++) {
                for (int other = -1; other < count; other++) {
                    Leaf near = new Leaf();
                    for (int time = 0; time < 2; time++) {
                        expectEnded(tree, near, first, count, other);
                    }
                    near.letGo();
                }
            }
            tree.expectForgotten();
        });
    }

    private static void expectEnded(BareTree tree, Leaf near, long first, int count, int other) {
        int from = 3;
        long[] snapshots = new long[MOST + from];
        int expected = 0;
        for (int n = 0; n < MOST; n++) {
            boolean asks = n % 3 != 1;
            tree.put(first + n, word(n) | MAPPED | (asks ? V3Entry.NOTIFY : 0));
            snapshots[from + n] = BareTree.grant(word(n)) ^ (n == other ? 1L << V3Entry.FRAME_SHIFT : 0);
            expected |= asks && n < count && n != other ? 1 << n : 0;
        }
        Expect.equal("which are told of", expected, tree.table().end(near, first, snapshots, from, count));
        for (int n = 0; n < MOST; n++) {
            long marks = n < count && n != other ? V3Entry.W_SEEN : MAPPED;
            Expect.equal("word " + n, word(n) | marks, tree.get(first + n) & ~V3Entry.NOTIFY);
        }
    }
}
