package grantlab.grant.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.PhysicalMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The walk: which index leads to which leaf, what stops it, and that it holds nothing afterwards that it should not. */
class LocateTest {
    private static final int READ = Access.READ | Access.HOST;
    private static final long W = LeafWord.W;
    private static final long DEV = LeafWord.DEV;

    private final Leaf leaf = new Leaf();
    private TreeWorld world = new TreeWorld(true);

    @AfterEach
    void close() {
        world.close();
    }

    private void granterIs(boolean translated) {
        world.close();
        world = new TreeWorld(translated);
    }

    /** Nodes from the root to level 1 for one index; the last one is returned. */
    private long path(long root, int levels, long index) {
        long node = root;
        for (int level = levels; level > 1; level--) {
            node = world.nodeBelow(node, Levels.entry(index, level));
        }
        return node;
    }

    private static long leafWord(long frame) {
        return LeafWord.granted(0, frame, Access.READ | Access.WRITE);
    }

    private int locate(TreeTable tree, long index) {
        return tree.locate(index, READ, leaf);
    }

    @ParameterizedTest
    @CsvSource({
        "true, 1, 0x1ff",
        "true, 2, 0x3ffff",
        "true, 3, 0x5a5a5a5",
        "true, 4, 0xfedcba987",
        "false, 1, 0x1ff",
        "false, 2, 0x3ffff",
        "false, 3, 0x5a5a5a5",
        "false, 4, 0xfedcba987"
    })
    void aPageIsFoundAtTheEndOfItsPath(boolean translated, int levels, String hex) {
        granterIs(translated);
        long index = Long.decode(hex);
        long root = world.page();
        long node = path(root, levels, index);
        long frame = world.page();
        world.put(node, Levels.entry(index, 1), leafWord(frame) | LeafWord.NOTIFY | LeafWord.SW);
        TreeTable tree = world.open(root, levels);

        for (int time = 0; time < 2; time++) {
            assertThat(locate(tree, index)).isZero();
            assertThat(leaf.key).isEqualTo(index);
            assertThat(leaf.order).isZero();
            assertThat(leaf.kind).isEqualTo(Leaf.PAGE);
            assertThat(leaf.gfn).isEqualTo(frame);
            assertThat(leaf.snapshot).isEqualTo(frame << 12 | 1L << 59);
            assertThat(leaf.wordAddress).isEqualTo(world.entry(node, Levels.entry(index, 1)));
            assertThat(leaf.rights).isEqualTo(Access.READ | Access.COPY | Access.HOST | Access.WRITE | Access.DEVICE);
            world.assertHeld(world.mfn(node), 1);
            tree.release(leaf);
        }
        tree.dispose();
        world.assertNothingHeld();
    }

    @ParameterizedTest
    @CsvSource({"2, 2, 0x201", "3, 2, 0x12345", "3, 3, 0x2345678", "4, 2, 0x123456789", "4, 3, 0x123456789"})
    void aLargeLeafIsFoundByEachOfItsIndices(int levels, int level, String hex) {
        long index = Long.decode(hex);
        int order = Levels.order(level);
        long root = world.page();
        long node = root;
        for (int at = levels; at > level; at--) {
            node = world.nodeBelow(node, Levels.entry(index, at));
        }
        long frame = 3L << order;
        world.put(node, Levels.entry(index, level), leafWord(frame));
        TreeTable tree = world.open(root, levels);

        assertThat(locate(tree, index)).isZero();
        assertThat(leaf.order).isEqualTo(order);
        assertThat(leaf.key).isEqualTo((index >>> order) << order);
        assertThat(leaf.gfn).isEqualTo(frame + (index - leaf.key));
        tree.release(leaf);
        assertThat(tree.nodeCache().held())
                .as("large leaves are in no node of level 1")
                .isZero();

        for (int bit = 0; bit < order; bit++) {
            world.put(node, Levels.entry(index, level), leafWord(frame | 1L << bit));
            assertThat(locate(tree, index)).isEqualTo(Status.BAD_PAGE);
        }
        tree.dispose();
        world.assertNothingHeld();
    }

    @Test
    void noLeafIsFoundAtLevelFour() {
        long root = world.page();
        TreeTable tree = world.open(root, 4);
        world.put(root, 0, leafWord(0));
        assertThat(locate(tree, 0)).isEqualTo(Status.BAD_GNTREF);
        world.put(root, 0, LeafWord.closed(leafWord(0)));
        assertThat(locate(tree, 0)).isEqualTo(Status.BAD_GNTREF);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void rightsAreTheConjunctionOfAllLevels(int levels) {
        long index = Levels.span(levels) - 3;
        long root = world.page();
        long node = path(root, levels, index);
        world.put(node, Levels.entry(index, 1), leafWord(world.page()));
        TreeTable tree = world.open(root, levels);
        long above = root;
        for (int level = levels; level > 1; level--) {
            int at = Levels.entry(index, level);
            long word = world.word(above, at);
            for (long without : new long[] {W, DEV, W | DEV}) {
                world.put(above, at, word & ~without);
                tree.invalidate(index, level);
                assertThat(locate(tree, index)).isZero();
                int narrowed = ((without & W) != 0 ? Access.WRITE : 0) | ((without & DEV) != 0 ? Access.DEVICE : 0);
                assertThat(leaf.rights).isEqualTo(0b11111 & ~narrowed);
                tree.release(leaf);
                assertThat(locate(tree, index)).as("from the cache").isZero();
                assertThat(leaf.rights).isEqualTo(0b11111 & ~narrowed);
                tree.release(leaf);
            }
            world.put(above, at, word);
            above = LeafWord.frame(word);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, -3", // empty
        "0x7fffffffffffffc, -3", // empty, whatever else it says
        "1, -3", // a table at level 1
        "2, 0",
        "0x40000000000e22, 0", // all the bits that others own
        "0x42, -3",
        "0x82, -3",
        "0x102, -3",
        "0x8000000000000002, -3",
        "3, -15",
        "0x43, -15", // attached
        "0x83, -15", // whatever else it says
        "0x103, -15",
        "0x8000000000000003, -15",
    })
    void aWordIsJudgedByItsTypeAndReservedBits(String hex, int status) {
        long root = world.page();
        world.put(root, 5, Long.parseUnsignedLong(hex.replace("0x", ""), 16));
        TreeTable tree = world.open(root, 1);
        assertThat(locate(tree, 5)).isEqualTo(status);
        boolean described = status == Status.OKAY || status == Status.REVOKED;
        assertThat(leaf.hold != 0).isEqualTo(described);
    }

    @Test
    void whatWasTakenBackIsDescribedAndHeld() {
        long root = world.page();
        long node = world.nodeBelow(root, 1);
        world.put(node, 2, LeafWord.closed(leafWord(0x77) | LeafWord.NOTIFY));
        TreeTable tree = world.open(root, 2);
        assertThat(locate(tree, 0x202)).isEqualTo(Status.REVOKED);
        assertThat(leaf.key).isEqualTo(0x202);
        assertThat(leaf.gfn).isEqualTo(0x77);
        assertThat(leaf.snapshot).isEqualTo(LeafWord.grant(leafWord(0x77)));
        world.assertHeld(world.mfn(node), 1);
        tree.release(leaf);
        tree.dispose();
        world.assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 7, 8, 9, 10, 11, 59, 60, 61, 62, 63})
    void reservedBitsOfATableEntryStopTheWalk(int bit) {
        long root = world.page();
        long node = world.nodeBelow(root, 0);
        world.put(node, 0, leafWord(1));
        TreeTable tree = world.open(root, 2);
        world.put(root, 0, world.word(root, 0) | 1L << bit);
        assertThat(locate(tree, 0)).isEqualTo(Status.BAD_GNTREF);
        world.put(root, 0, (world.word(root, 0) & ~(1L << bit)) | LeafWord.SW);
        assertThat(locate(tree, 0)).isZero();
    }

    @Test
    void indicesEndAtTheLimit() {
        long root = world.page();
        for (int at = 0; at < Levels.ENTRIES; at++) {
            world.put(root, at, leafWord(at));
        }
        TreeFormat.Opened opened = new TreeFormat.Opened();
        assertThat(world.format().open(world.map, TreeWorld.GRANTER, root, 1, 100, opened))
                .isZero();
        assertThat(opened.table.size()).isEqualTo(100);
        assertThat(locate(opened.table, 99)).isZero();
        assertThat(locate(opened.table, 100)).isEqualTo(Status.BAD_GNTREF);
        assertThat(locate(opened.table, -1)).isEqualTo(Status.BAD_GNTREF);
        assertThat(locate(opened.table, Long.MAX_VALUE)).isEqualTo(Status.BAD_GNTREF);
    }

    /** Level 4 loads the root's word for the root as level 3, and so on: the depth is fixed. */
    @Test
    void aLoopOfTablesEndsAtLevelOne() {
        long root = world.page();
        TreeTable tree = world.open(root, 4);
        for (int at = 0; at < Levels.ENTRIES; at++) {
            world.put(root, at, LeafWord.table(root));
        }
        for (long index : new long[] {0, 1, 511, 512, 0x123456789L, Levels.span(4) - 1}) {
            assertThat(locate(tree, index)).isEqualTo(Status.BAD_GNTREF);
        }
        world.put(root, 7, leafWord(0x99));
        assertThat(locate(tree, 7)).as("the root as its own node of level 1").isZero();
        tree.release(leaf);
        tree.dispose();
        world.assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNodeMustBeTheGrantersOwnOrdinaryMemory(boolean translated) {
        granterIs(translated);
        long root = world.page();
        TreeTable tree = world.open(root, 2);
        long others = world.othersPage();
        world.ram.memory().store64(others << 12, leafWord(1));
        long shared = world.frames.allocateShared(TreeWorld.GRANTER);
        world.ram.memory().store64(shared << 12, leafWord(1));
        long[] wrong;
        if (translated) {
            world.map.set(1, others, 0, PhysicalMap.GRANT_RW);
            world.map.set(2, others, 0, PhysicalMap.FOREIGN);
            world.map.set(3, shared, 0, PhysicalMap.TABLE_FRAME);
            world.map.set(4, world.frames.allocateZeroed(TreeWorld.GRANTER, 0), 0, PhysicalMap.RAM_RO);
            world.map.set(5, others, 0, PhysicalMap.RAM_RW);
            wrong = new long[] {1, 2, 3, 4, 5, 0xf_ffff, 0xff_ffff_ffffL};
        } else {
            wrong = new long[] {others, shared, 0, 0xf_ffff, 0xff_ffff_ffffL};
        }
        for (long gfn : wrong) {
            world.put(root, 0, LeafWord.table(gfn));
            assertThat(locate(tree, 0)).as("node %x", gfn).isEqualTo(Status.BAD_GNTREF);
            assertThat(world.format().open(world.map, TreeWorld.GRANTER, gfn, 1, 1, new TreeFormat.Opened()))
                    .as("root %x", gfn)
                    .isEqualTo(Status.BAD_PAGE);
        }
        world.assertHeld(others, 0);
        world.assertHeld(shared, 0);
    }

    /** The hypervisor would write to a page table of the granter's choice: with that, a PV guest has the machine. */
    @ParameterizedTest
    @ValueSource(ints = {FrameTable.TYPE_L1, FrameTable.TYPE_L2, FrameTable.TYPE_L3, FrameTable.TYPE_L4})
    void aPageTableOfAPvGranterIsNoNode(int type) {
        granterIs(false);
        long root = world.page();
        long node = world.nodeBelow(root, 0);
        world.put(node, 0, leafWord(world.page()));
        TreeTable tree = world.open(root, 2);
        assertThat(world.frames.getType(node, type)).isTrue();
        assertThat(locate(tree, 0)).isEqualTo(Status.BAD_GNTREF);
        tree.clear(0, 0, LeafWord.grant(world.word(node, 0)), Access.READ);
        assertThat(world.format().open(world.map, TreeWorld.GRANTER, node, 1, 1, new TreeFormat.Opened()))
                .isEqualTo(Status.BAD_PAGE);
        world.frames.putType(node);
        assertThat(locate(tree, 0)).isZero();
        assertThat(world.frames.getType(node, type)).as("while it is a node").isFalse();
        tree.release(leaf);
        tree.dispose();
        assertThat(world.frames.getType(node, type)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, -19",
        "5, 1, -19",
        "1, 0, -19",
        "1, 513, -19",
        "1, -1, -19",
        "4, 0x1000000001, -19",
        "4, 0x1000000000, 0",
        "1, 512, 0"
    })
    void heightAndLimitMustFit(int levels, String limit, int status) {
        TreeFormat.Opened opened = new TreeFormat.Opened();
        long root = world.page();
        assertThat(world.format().open(world.map, TreeWorld.GRANTER, root, levels, Long.decode(limit), opened))
                .isEqualTo(status);
        world.assertHeld(world.mfn(root), status == 0 ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void eachWordOfTheWalkIsLoadedOnce(int levels) {
        long index = Levels.span(levels) - 1;
        long root = world.page();
        long node = path(root, levels, index);
        world.put(node, 511, leafWord(5));
        Meddler meddler = new Meddler(world.ram.memory());
        TreeTable tree = world.open(meddler.memory, root, levels);
        assertThat(locate(tree, index)).isZero();
        assertThat(meddler.loads).hasSize(levels).doesNotHaveDuplicates();
        meddler.loads.clear();
        assertThat(locate(tree, index)).isZero();
        assertThat(meddler.loads).as("from the cache").hasSize(1);
    }

    /** The granter gives the node back while the walk is at the word that leads to it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNodeThatVanishesBeforeItIsComeToIsNoNode(boolean translated) {
        granterIs(translated);
        long root = world.page();
        long node = world.nodeBelow(root, 0);
        world.put(node, 0, leafWord(5));
        long mfn = world.mfn(node);
        Meddler meddler = new Meddler(world.ram.memory());
        TreeTable tree = world.open(meddler.memory, root, 2);
        long rootEntry = world.entry(root, 0);
        meddler.afterLoad = (address, value) -> {
            if (address == rootEntry) {
                balloonOut(node, mfn);
            }
        };
        assertThat(locate(tree, 0)).isEqualTo(Status.BAD_GNTREF);
        assertThat(world.frames.owner(mfn)).isEqualTo(FrameTable.NO_OWNER);
    }

    /** Checked memory would not let anybody write to a page that is free. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNodeThatVanishesUnderALeafStaysUntilItIsReleased(boolean translated) {
        granterIs(translated);
        long root = world.page();
        long node = world.nodeBelow(root, 0);
        world.put(node, 0, leafWord(5));
        long mfn = world.mfn(node);
        TreeTable tree = world.open(root, 2);
        assertThat(locate(tree, 0)).isZero();
        balloonOut(node, mfn);
        world.assertHeld(mfn, 1);
        assertThat(tree.mark(leaf, TreeWorld.OTHER, READ, true)).isZero();
        tree.release(leaf);
        tree.invalidate(0, 2);
        assertThat(world.frames.owner(mfn)).isEqualTo(FrameTable.NO_OWNER);
        assertThat(locate(tree, 0)).isEqualTo(Status.BAD_GNTREF);
        tree.clear(0, 0, leaf.snapshot, Access.READ);
    }

    private void balloonOut(long gfn, long mfn) {
        if (world.translated()) {
            world.map.clear(gfn, 0);
        }
        world.frames.releaseAllocation(mfn);
    }
}
