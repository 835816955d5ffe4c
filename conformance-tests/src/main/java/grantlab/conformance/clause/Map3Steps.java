package grantlab.conformance.clause;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Pages of a run that go together: the granter looks at each moment of the map at its leaves and at what is held of its pages. Of those in one
 * bucket no leaf is marked before all frames are held.
 */
@Interruptible
@Needs(format = "layout-tree")
final class Map3Steps {
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int TOGETHER = 8;
    private static final int SOURCE_PAGES = 24;
    private static final String PARTS = "devices have a part of each mapping, which goes page by page";

    /** A run, and what is known of its pages before it is mapped. */
    private static final class Watch {
        private final World world;
        private final RawTree tree;
        private final int first;

        /** Machine frames of the run, and the references of them. */
        private final long[] frames;

        private final long[] references;

        Watch(World world, RawTree tree, int first, long[] frames) {
            this.world = world;
            this.tree = tree;
            this.first = first;
            this.frames = frames;
            this.references = Arrays.stream(frames)
                    .map(world.machine().frames()::references)
                    .toArray();
        }

        /** Whether at this moment every leaf that is marked has all its neighbours' frames held. */
        boolean goesTogether() {
            for (int n = 0; n < frames.length; n++) {
                if ((tree.get(first + n) & IN_USE) != 0 && !areHeld(n)) {
                    return false;
                }
            }
            return true;
        }

        /** Of the leaf's bucket, as far as the run has it. */
        private boolean areHeld(int n) {
            int bucket = (first + n) / TOGETHER;
            boolean held = true;
            for (int i = 0; i < frames.length; i++) {
                held &= (first + i) / TOGETHER != bucket
                        || world.machine().frames().references(frames[i]) > references[i];
            }
            return held;
        }

        void expectAsBefore() {
            for (int n = 0; n < frames.length; n++) {
                Expect.bits("leaf " + (first + n), IN_USE, 0, tree.get(first + n));
                Expect.equal(
                        "references of page " + n,
                        references[n],
                        world.machine().frames().references(frames[n]));
            }
        }
    }

    private static void expectTogether(World world, Watch watch, V3Call run) {
        // The page by which a node becomes known may go by itself.
        new TreeDriver(world.grantee()).expectMaps(watch.tree.ref(watch.first));
        AtomicBoolean together = new AtomicBoolean(true);
        AtomicReference<V3Answer> mapped = new AtomicReference<>();
        int moments = world.interruption()
                .throughout(
                        () -> together.compareAndSet(true, watch.goesTogether()),
                        () -> mapped.set(world.grantee().call(run)));
        Expect.okay(mapped.get());
        Expect.holds("the map looks at the granter's memory", moments > 0);
        Expect.holds("all frames are held before a leaf is marked", together.get());
        for (int n = 0; n < watch.frames.length; n++) {
            Sight.value(world.grantee(), world.grantee().slot(n), 100 + n);
        }
        new TreeDriver(world.grantee()).letGo(mapped.get());
        watch.expectAsBefore();
        world.machine().checkInvariants();
    }

    /** Leaves that devices may use where they use all that their guest maps. */
    private static RawTree tree(World world, V3Call creation) {
        RawTree tree = RawTree.of(world.granter(), creation);
        return world.grantee().ownsDevices() ? tree.forDevices() : tree;
    }

    @DisturbedByDevices(value = PARTS, where = DeviceSight.BUS)
    @Clause(
            id = "MAP3-34",
            promise =
                    "Pages of a run whose leaves lie in one bucket go together, wherever it begins and ends, whether it writes, and whatever"
                            + " may become of it: all frames are held before the first leaf is marked.",
            source = "grant-v3.md, MAP-35")
    void together(World world) {
        Party granter = world.granter();
        int limit = 2 * TOGETHER + 3;
        RawTree tree = tree(world, RawTree.creation(world).with(V3TreeCreate.INDEX_LIMIT, limit));
        TreeDriver driver = new TreeDriver(world.grantee());
        for (int n = 0; n < SOURCE_PAGES; n++) {
            granter.store(granter.page(n), 100 + n);
        }
        int[][] runs = {
            {0, 2 * TOGETHER}, {3, TOGETHER + 2}, {5, 2}, {7, TOGETHER + 2}, {TOGETHER + 1, 6}, {2, limit - 2}
        };
        int[] accepted = {0, V3Map.ACCEPT_FAULT | V3Map.ACCEPT_DOWNGRADE};
        for (int[] run : runs) {
            long[] frames = new long[run[1]];
            for (int n = 0; n < run[1]; n++) {
                tree.grant(run[0] + n, n, V3Entry.W);
                frames[n] = granter.machineFrame(n);
            }
            V3Call call = driver.mapping(tree.ref(run[0]), 0).with(V3Map.COUNT, run[1]);
            for (int fates : accepted) {
                expectTogether(world, new Watch(world, tree, run[0], frames), call.and(fates));
                expectTogether(world, new Watch(world, tree, run[0], frames), call.and(fates | V3Map.WRITE));
            }
        }
    }

    @Needs(granter = "translated")
    @DisturbedByDevices(value = PARTS, where = DeviceSight.BUS)
    @Clause(
            id = "MAP3-35",
            promise =
                    "So do pages of memory that the granter's map has as one block, in any order: to each place comes the page that its leaf"
                            + " names.",
            source = "grant-v3.md, MAP-35, MAP-30")
    void ofABlock(World world) {
        Party granter = world.granter();
        RawTree tree = tree(world, RawTree.creation(world));
        TreeDriver driver = new TreeDriver(world.grantee());
        long block = Page.frame(granter.kernel().allocatePages(Page.ORDER_2M));
        int pages = 2 * TOGETHER;
        int[] strides = {1, -1, 3, 0};
        for (int stride : strides) {
            long[] frames = new long[pages];
            for (int n = 0; n < pages; n++) {
                // Of the last way neighbours are now behind one another and now not.
                long gfn = block + 200 + (stride != 0 ? (long) stride * n : n / 3 * 5 + n % 3);
                granter.store(Page.address(gfn), 100 + n);
                tree.put(1 + n, RawTree.leaf(gfn, V3Entry.W | (world.grantee().ownsDevices() ? V3Entry.DEV : 0)));
                frames[n] = granter.domain().physicalMap().machineFrame(gfn);
            }
            V3Call call = driver.mapping(tree.ref(1), 0).with(V3Map.COUNT, pages);
            expectTogether(world, new Watch(world, tree, 1, frames), call.and(V3Map.WRITE));
        }
    }
}
