package grantlab.conformance.clause;

import static grantlab.conformance.clause.BareTree.MAPPED;
import static grantlab.conformance.clause.BareTree.READ;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;

/** Trees grow, are shown and surveyed, and go. */
@Needs(format = "layout-tree")
final class NodeShapes {
    private static final int NODE = 1 << V3Entry.LEVEL_BITS;
    private static final int AT = 5;
    private static final long NOWHERE = 0x7_7777_7777L;
    private static final long LEAF = 0x4_0000L << V3Entry.FRAME_SHIFT | V3Entry.LEAF | V3Entry.W | V3Entry.DEV;
    private static final int HIGHEST_LEAF = 3;

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
                tree.write(top, 0, (sound & ~V3Entry.W) | V3Entry.SW_MASK);
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
            long beneath = tree.page();
            tree.write(beneath, 0, LEAF);
            tree.put(1, RawTree.table(beneath));
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

    private static void expectShown(TreeTable table, List<Long> expected) {
        List<Long> shown = new ArrayList<>();
        table.visitHeldNodes(shown::add);
        Expect.equal("the root", expected.getFirst(), shown.getFirst());
        Expect.equal(
                "nodes",
                expected.stream().sorted().toList(),
                shown.stream().sorted().toList());
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
}
