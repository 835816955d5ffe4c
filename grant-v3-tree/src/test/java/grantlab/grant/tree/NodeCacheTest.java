package grantlab.grant.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.NodeCacheCounts;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.PhysicalMap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The cache of nodes, as a tree of three levels uses it: what is in it, what goes, and who lets go of what. */
class NodeCacheTest {
    private static final int READ = Access.READ | Access.HOST;
    private static final int MANY = 100;

    private final TreeWorld world = new TreeWorld(true);
    private final long root = world.page();
    private final long[] middle = new long[2];
    private final long[] nodes = new long[MANY];
    private final TreeTable tree;

    NodeCacheTest() {
        middle[0] = world.nodeBelow(root, 0);
        middle[1] = world.nodeBelow(root, 1);
        for (int n = 0; n < MANY; n++) {
            nodes[n] = world.nodeBelow(middle[n / 64], n % 64);
            world.put(nodes[n], 0, LeafWord.granted(0, 0x1000 + n, Access.READ));
        }
        tree = world.open(root, 3);
    }

    @AfterEach
    void close() {
        tree.dispose();
        world.assertNothingHeld();
        world.close();
    }

    /** An index in node n: the first 64 are below one node of level 2, the others below the next. */
    private static long index(int n) {
        return (long) (n / 64) << 18 | (long) (n % 64) << 9;
    }

    private Leaf located(int n) {
        Leaf leaf = new Leaf();
        assertThat(tree.locate(index(n), READ, leaf)).isZero();
        assertThat(leaf.gfn).isEqualTo(0x1000 + n);
        return leaf;
    }

    private void lookUp(int n) {
        tree.release(located(n));
    }

    private NodeCacheCounts counts() {
        return tree.nodeCache();
    }

    private boolean isCached(int n) {
        long walks = counts().walks();
        lookUp(n);
        return counts().walks() == walks;
    }

    @Test
    void aSecondLookupNeedsNoWalk() {
        lookUp(1);
        assertThat(counts()).isEqualTo(new NodeCacheCounts(0, 1, 1, 1));
        lookUp(1);
        assertThat(counts()).isEqualTo(new NodeCacheCounts(1, 1, 1, 1));
        world.assertHeld(world.mfn(nodes[1]), 1);
        world.assertHeld(world.mfn(middle[0]), 0);
        tree.clear(index(1), 0, 0, Access.READ);
        assertThat(counts()).isEqualTo(new NodeCacheCounts(2, 1, 1, 1));
    }

    @Test
    void keptNodeNeedsNoLookup() {
        Leaf leaf = located(1);
        tree.keep(leaf);
        assertThat(counts()).isEqualTo(new NodeCacheCounts(0, 1, 1, 1));
        assertThat(tree.locate(index(1) + 1, READ, leaf)).isEqualTo(Status.BAD_GNTREF);
        assertThat(leaf.keeper).as("an answer that holds nothing").isNull();
        assertThat(tree.locate(index(1), READ, leaf)).isZero();
        tree.keep(leaf);
        assertThat(tree.end(leaf, index(1), 0, leaf.snapshot)).isFalse();
        tree.clear(leaf, index(1), 0, leaf.snapshot, Access.READ);
        assertThat(counts()).isEqualTo(new NodeCacheCounts(4, 1, 1, 1));
        leaf.letGo();
        world.assertHeld(world.mfn(nodes[1]), 1);
    }

    /** Wherever it ends: at the limit, where no node is, or at an entry that grants nothing. */
    @ParameterizedTest
    @ValueSource(longs = {-1, 1L << 27, 1L << 26, 1})
    void failingLookupKeepsNothing(long nowhere) {
        Leaf leaf = located(1);
        tree.keep(leaf);
        assertThat(tree.locate(nowhere, READ, leaf)).isEqualTo(Status.BAD_GNTREF);
        assertThat(leaf.keeper).isNull();
    }

    /** Who keeps a node is its user: it is not let go of. But it is found anew, as if it was not kept. */
    @Test
    void keptNodeThatWasInvalidatedIsNotGoneBy() {
        Leaf leaf = located(1);
        tree.keep(leaf);
        long moved = world.page();
        world.put(moved, 0, LeafWord.granted(0, 0x2000, Access.READ));
        world.put(middle[0], 1, LeafWord.table(moved));
        tree.invalidate(index(1), 2);
        world.assertHeld(world.mfn(nodes[1]), 1);
        assertThat(tree.locate(index(1), READ, leaf)).isZero();
        assertThat(leaf.gfn).isEqualTo(0x2000);
        world.assertHeld(world.mfn(nodes[1]), 0);
        tree.release(leaf);
    }

    @Test
    void keptNodeIsGivenUpForAnother() {
        Leaf leaf = located(1);
        tree.keep(leaf);
        assertThat(tree.locate(index(2), READ, leaf)).isZero();
        tree.keep(leaf);
        tree.invalidate(0, 4);
        world.assertHeld(world.mfn(nodes[1]), 0);
        world.assertHeld(world.mfn(nodes[2]), 1);
        leaf.letGo();
        world.assertHeld(world.mfn(nodes[2]), 0);
    }

    @Test
    void theOnlyNodeIsAlwaysThere() {
        TreeTable flat = world.open(nodes[0], 1);
        Leaf leaf = new Leaf();
        for (int time = 0; time < 3; time++) {
            assertThat(flat.locate(0, READ, leaf)).isZero();
            flat.release(leaf);
        }
        assertThat(flat.nodeCache()).isEqualTo(new NodeCacheCounts(3, 0, 0, 0));
        flat.dispose();
    }

    @Test
    void largeLeavesAreWalkedToEachTime() {
        world.put(middle[0], 100, LeafWord.granted(0, 0x200, Access.READ));
        Leaf leaf = new Leaf();
        for (int time = 1; time <= 2; time++) {
            assertThat(tree.locate(100 << 9, READ, leaf)).isZero();
            world.assertHeld(world.mfn(middle[0]), 1);
            tree.release(leaf);
            assertThat(counts()).isEqualTo(new NodeCacheCounts(0, time, time, 0));
        }
    }

    @Test
    void noMoreThanSixtyFourNodesAreHeld() {
        for (int time = 0; time < 2; time++) {
            for (int n = 0; n < MANY; n++) {
                lookUp(n);
                assertThat(counts().held()).isLessThanOrEqualTo(64);
            }
        }
        assertThat(counts().held()).isEqualTo(64);
        long held = 0;
        for (long node : nodes) {
            held += world.frames.typeUses(world.mfn(node));
        }
        assertThat(held).isEqualTo(64);
    }

    @Test
    void sixtyFourNodesInARowFit() {
        for (int n = 0; n < 64; n++) {
            lookUp(n);
        }
        for (int n = 0; n < 64; n++) {
            assertThat(isCached(n)).isTrue();
        }
    }

    @Test
    void whatIsInUseIsNotGivenAway() {
        List<Leaf> used = new ArrayList<>();
        for (int n = 0; n < 64; n++) {
            used.add(located(n));
        }
        for (int n = 64; n < MANY; n++) {
            Leaf leaf = located(n);
            world.assertHeld(world.mfn(nodes[n]), 1);
            tree.release(leaf);
            world.assertHeld(world.mfn(nodes[n]), 0);
        }
        for (int n = 0; n < 64; n++) {
            assertThat(isCached(n)).isTrue();
        }
        used.forEach(tree::release);
    }

    @Test
    void aReleaseIsDoneOnce() {
        Leaf leaf = located(3);
        tree.release(leaf);
        tree.release(leaf);
        world.assertHeld(world.mfn(nodes[3]), 1);
        tree.release(located(3));
        tree.invalidate(index(3), 2);
        world.assertHeld(world.mfn(nodes[3]), 0);
    }

    @ParameterizedTest
    @CsvSource({
        "7, 1, ''", // a leaf is not cached
        "7, 2, 7",
        "7, 3, 7 8 9",
        "70, 3, 70",
        "7, 4, 7 8 9 70",
        "7, 200, 7 8 9 70"
    })
    void anInvalidationDropsWhatLiesBelow(int below, int level, String dropped) {
        int[] looked = {7, 8, 9, 70};
        for (int n : looked) {
            lookUp(n);
        }
        tree.invalidate(index(below) + 5, level);
        List<String> gone = new ArrayList<>();
        for (int n : looked) {
            if (world.frames.typeUses(world.mfn(nodes[n])) == 0) {
                gone.add(Integer.toString(n));
            }
        }
        assertThat(String.join(" ", gone)).isEqualTo(dropped);
        assertThat(counts().held()).isEqualTo(looked.length - gone.size());
    }

    @Test
    void whatIsInUseIsFoundNoMoreAndGoesWithItsLastUser() {
        Leaf first = located(7);
        Leaf second = located(7);
        long old = nodes[7];
        nodes[7] = world.nodeBelow(middle[0], 7);
        world.put(nodes[7], 0, LeafWord.granted(0, 0x1007, Access.READ));
        tree.invalidate(index(7), 2);
        world.assertHeld(world.mfn(old), 1);
        Leaf third = located(7);
        assertThat(third.wordAddress).isEqualTo(world.entry(nodes[7], 0));
        tree.release(first);
        world.assertHeld(world.mfn(old), 1);
        tree.release(second);
        world.assertHeld(world.mfn(old), 0);
        tree.release(third);
        assertThat(isCached(7)).isTrue();
    }

    /** Forgetting to invalidate hurts the granter alone: the old node is read, which it still owns. */
    @Test
    void withoutAnInvalidationTheOldNodeIsReadOn() {
        long other = world.page();
        world.put(other, 0, LeafWord.granted(0, 0x9999, Access.READ));
        lookUp(7);
        world.put(middle[0], 7, LeafWord.table(other));
        lookUp(7);
    }

    @Test
    void eachChangeOfTheMapDropsEverything() {
        for (int n = 0; n < MANY; n++) {
            lookUp(n);
        }
        world.page();
        assertThat(isCached(99)).isFalse();
        assertThat(counts().held()).isEqualTo(1);
    }

    @Test
    void aGrantThatTheGranterMapsIsNoSuchChange() {
        lookUp(7);
        world.map.set(0x9000, world.othersPage(), 0, PhysicalMap.GRANT_RW);
        assertThat(isCached(7)).isTrue();
    }

    @Test
    void aNodeThatMovedIsNotReadAtItsOldPlace() {
        lookUp(7);
        long mfn = world.mfn(nodes[7]);
        world.map.clear(nodes[7], 0);
        world.frames.releaseAllocation(mfn);
        Leaf leaf = new Leaf();
        assertThat(tree.locate(index(7), READ, leaf)).isEqualTo(Status.BAD_GNTREF);
        assertThat(world.frames.owner(mfn)).as("let go of").isEqualTo(FrameTable.NO_OWNER);
    }

    @Test
    void thatThereIsNothingIsNotCached() {
        Leaf leaf = new Leaf();
        world.put(middle[0], 7, 0);
        assertThat(tree.locate(index(7), READ, leaf)).isEqualTo(Status.BAD_GNTREF);
        world.put(middle[0], 7, LeafWord.table(nodes[7]));
        lookUp(7);
        world.put(nodes[7], 1, 0);
        assertThat(tree.locate(index(7) + 1, READ, leaf)).isEqualTo(Status.BAD_GNTREF);
        world.put(nodes[7], 1, LeafWord.granted(0, 0x55, Access.READ));
        assertThat(tree.locate(index(7) + 1, READ, leaf)).isZero();
        tree.release(leaf);
    }

    /** The walk has read the old entry when the granter invalidates: what it brings must not stay. */
    @Test
    void aWalkThatAnInvalidationOvertookIsNotKept() {
        Meddler meddler = new Meddler(world.ram.memory());
        TreeTable slow = world.open(meddler.memory, root, 3);
        long old = nodes[7];
        long other = world.page();
        world.put(other, 0, LeafWord.granted(0, 0x1007, Access.READ));
        long entry = world.entry(middle[0], 7);
        meddler.afterLoad = (address, value) -> {
            if (address == entry && value == LeafWord.table(old)) {
                world.put(middle[0], 7, LeafWord.table(other));
                slow.invalidate(index(7), 2);
            }
        };
        Leaf leaf = new Leaf();
        assertThat(slow.locate(index(7), READ, leaf)).isZero();
        assertThat(leaf.wordAddress).isEqualTo(world.entry(old, 0));
        slow.release(leaf);
        world.assertHeld(world.mfn(old), 0);
        assertThat(slow.locate(index(7), READ, leaf)).isZero();
        assertThat(leaf.wordAddress).isEqualTo(world.entry(other, 0));
        slow.release(leaf);
        slow.dispose();
    }

    /** The same with a change of the map, which another lookup has noticed already. */
    @Test
    void aWalkThatAChangeOfTheMapOvertookIsNotFound() {
        Meddler meddler = new Meddler(world.ram.memory());
        TreeTable slow = world.open(meddler.memory, root, 3);
        long entry = world.entry(nodes[7], 0);
        int[] times = {0};
        meddler.afterLoad = (address, value) -> {
            if (address == entry && times[0]++ == 0) {
                world.page();
                Leaf other = new Leaf();
                assertThat(slow.locate(index(8), READ, other)).isZero();
                slow.release(other);
            }
        };
        Leaf leaf = new Leaf();
        for (int time = 0; time < 3; time++) {
            assertThat(slow.locate(index(7), READ, leaf)).isZero();
            slow.release(leaf);
        }
        assertThat(slow.nodeCache()).isEqualTo(new NodeCacheCounts(1, 3, 3, 2));
        slow.dispose();
    }

    /** Threads look up, let go, invalidate and change the map; in the end every reference is back. */
    @Test
    void manyAtOnceLoseNothing() throws Exception {
        int threads = 4;
        CyclicBarrier start = new CyclicBarrier(threads);
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> tasks = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                tasks.add(executor.submit(() -> {
                    start.await();
                    scramble(ThreadLocalRandom.current());
                    return null;
                }));
            }
            for (Future<?> task : tasks) {
                task.get();
            }
        }
        assertThat(counts().held()).isBetween(0, 64);
        tree.invalidate(0, 4);
        assertThat(counts().held()).isZero();
    }

    private void scramble(ThreadLocalRandom random) {
        Leaf[] used = new Leaf[5];
        for (int step = 0; step < 40_000; step++) {
            int at = random.nextInt(used.length);
            if (used[at] != null) {
                assertThat(used[at].gfn).isEqualTo(0x1000 + nodeOf(used[at].key));
                tree.release(used[at]);
                used[at] = null;
            } else {
                used[at] = located(random.nextInt(10) * 9);
            }
            if (random.nextInt(16) == 0) {
                tree.invalidate(index(random.nextInt(MANY)), 2 + random.nextInt(3));
            }
            if (random.nextInt(64) == 0) {
                world.map.memoryChanges().add();
            }
        }
        for (Leaf leaf : used) {
            if (leaf != null) {
                tree.release(leaf);
            }
        }
    }

    private static int nodeOf(long key) {
        return (int) (key >>> 18) * 64 + (int) (key >>> 9 & 511);
    }
}
