package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.BLOCKS;
import static grantlab.conformance.clause.SpaceBench.GUEST;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Two CPUs that put something at one place of a guest-physical map at the same moment, or one page at two places. */
@Needs(grantee = "translated")
final class SpaceMapMeetings {
    private static final String THREADS = "AddressSpace, Threads";
    private static final int RUN = 21;
    private static final int START = 3;
    private static final int[] SOME = {0, 4, 5, 6, 12, 13, 14, 20};

    /** What cannot be put where another of these was put. */
    private enum Putting {
        MAP {
            @Override
            boolean put(SpaceBench bench, long address, long mfn) {
                return bench.space.map(address, flags(WRITE), mfn, 0, WRITE, new AddressSpace.Mapped()) == 0;
            }
        },
        MAP_BESIDE {
            @Override
            boolean put(SpaceBench bench, long address, long mfn) {
                return bench.space.mapBeside(address, flags(WRITE), mfn, 0, WRITE, new AddressSpace.Mapped()) == 0;
            }
        },
        MAP_SEVERAL {
            @Override
            boolean put(SpaceBench bench, long address, long mfn) {
                return bench.space.mapBeside(
                                address,
                                flags(WRITE),
                                new long[] {mfn},
                                1,
                                WRITE,
                                new AddressSpace.Mapped(),
                                new long[1])
                        == 1;
            }
        },
        FOREIGN {
            @Override
            boolean put(SpaceBench bench, long address, long mfn) {
                return bench.space.mapForeign(address, mfn, WRITE, new AddressSpace.Mapped()) == 0;
            }
        };

        /** @return whether its references are the place's now */
        abstract boolean put(SpaceBench bench, long address, long mfn);
    }

    @Clause(
            id = "SPACE-102",
            promise =
                    "Of two who put grants or foreign frames where nothing stands at the same moment, own pages among them, one succeeds.",
            source = THREADS)
    void puttings(World world) {
        SpaceBench.on(world, bench -> {
            int slot = 0;
            for (Putting first : Putting.values()) {
                for (Putting second : Putting.values()) {
                    for (boolean own : new boolean[] {false, true}) {
                        long address = bench.slot(slot++);
                        long one = own ? bench.frames.allocate(GUEST, 0) : bench.granted(UNTYPED, 1);
                        long two = bench.granted(UNTYPED, 2);
                        meet(bench, address, first, bench.pinned(one, 0, WRITE), second, bench.pinned(two, 0, WRITE));
                    }
                }
            }
        });
    }

    private static void meet(SpaceBench bench, long address, Putting first, long one, Putting second, long two) {
        boolean own = bench.frames.owner(one) == GUEST;
        if (own && (first == Putting.FOREIGN || second == Putting.FOREIGN)) {
            bench.drop(one, 0, WRITE);
            bench.drop(two, 0, WRITE);
            return;
        }
        Meeting meeting = new Meeting();
        AtomicBoolean other = new AtomicBoolean();
        bench.hooks.before(
                "set",
                Page.frame(address),
                () -> meeting.returnsMeanwhile(() -> other.set(second.put(bench, address, two))));
        boolean done = first.put(bench, address, one);
        meeting.join();
        Expect.holds("somebody came in between", bench.hooks.isEmpty());
        Expect.holds("of " + first + " and " + second + " one succeeds", done != other.get());
        bench.drop(done ? two : one, 0, WRITE);
        Expect.equal("what stands there", done ? one : two, bench.map.machineFrame(Page.frame(address)));
    }

    @Clause(
            id = "SPACE-103",
            promise =
                    "Of a run of pages and a page that comes to a place of it at the same moment one is there, and the run ends before it or"
                            + " goes on.",
            source = THREADS)
    void runs(World world) {
        SpaceBench.on(world, bench -> {
            long[] mfns = new long[RUN];
            long[] places = new long[RUN];
            for (int n = 0; n < RUN; n++) {
                mfns[n] = bench.granted(UNTYPED, n);
            }
            long lonely = bench.granted(UNTYPED, 0x100);
            for (int some : SOME) {
                for (boolean runFirst : new boolean[] {true, false}) {
                    long address = bench.slot(START + some);
                    AtomicInteger stand = new AtomicInteger();
                    AtomicBoolean alone = new AtomicBoolean();
                    Runnable run = () -> stand.set(bench.space.mapBeside(
                            bench.slot(START), flags(WRITE), mfns, RUN, WRITE, new AddressSpace.Mapped(), places));
                    Runnable single = () -> alone.set(Putting.MAP.put(bench, address, lonely));
                    for (long mfn : mfns) {
                        bench.pinned(mfn, 0, WRITE);
                    }
                    bench.pinned(lonely, 0, WRITE);
                    Meeting meeting = new Meeting();
                    bench.hooks.before(
                            "set", Page.frame(address), () -> meeting.returnsMeanwhile(runFirst ? single : run));
                    (runFirst ? run : single).run();
                    meeting.join();
                    Expect.holds("somebody came in between", bench.hooks.isEmpty());
                    Expect.equal("how many of the run stand", alone.get() ? some : RUN, stand.get());
                    for (int n = 0; n < RUN; n++) {
                        if (n < stand.get()) {
                            Expect.status("status", 0, bench.remove(places[n], 0, mfns[n], WRITE));
                        } else {
                            bench.drop(mfns[n], 0, WRITE);
                        }
                    }
                    if (alone.get()) {
                        Expect.status("status", 0, bench.unmap(address, lonely, WRITE));
                    } else {
                        bench.drop(lonely, 0, WRITE);
                    }
                }
            }
        });
    }

    @Clause(
            id = "SPACE-104",
            promise =
                    "A table frame that is put at two places at the same moment is at one of them, by whose number it is named; one that is"
                            + " withdrawn at that moment is named only where it is.",
            source = THREADS + "; AddressSpace.placeTableFrame")
    void tableFrames(World world) {
        SpaceBench.on(world, bench -> {
            long table = bench.frames.allocateShared(GUEST);
            long here = Page.frame(bench.slot(0));
            long there = Page.frame(bench.slot(1));
            Meeting meeting = new Meeting();
            bench.hooks.before(
                    "set", here, () -> meeting.returnsMeanwhile(() -> bench.space.placeTableFrame(there, table)));
            Expect.equal("error", 0, bench.space.placeTableFrame(here, table));
            meeting.join();
            expectNamed(bench, table, here, there);
            for (long place : new long[] {here, there}) {
                long elsewhere = here + there - place;
                Expect.equal("error", 0, bench.space.placeTableFrame(place, table));
                bench.hooks.before(
                        "clear",
                        place,
                        () -> meeting.returnsMeanwhile(() -> bench.space.placeTableFrame(elsewhere, table)));
                Expect.equal("error", 0, withdrawn(bench, table));
                meeting.join();
                expectNamed(bench, table, here, there);
            }
        });
    }

    /** Whoever puts it elsewhere at that moment holds it as long: then it cannot go. */
    private static int withdrawn(SpaceBench bench, long table) {
        return Math.min(0, bench.space.withdrawTableFrame(table));
    }

    private static void expectNamed(SpaceBench bench, long table, long here, long there) {
        Expect.holds("somebody came in between", bench.hooks.isEmpty());
        long name = bench.space.nameOf(table);
        for (long place : new long[] {here, there}) {
            Expect.equal(
                    "whether it is at " + place,
                    String.valueOf(place == name),
                    String.valueOf(bench.map.machineFrame(place) == table));
        }
    }

    @Needs(grantee = {"translated", "large-mappings"})
    @Clause(
            id = "SPACE-105",
            promise =
                    "Of a block and a page in it that are mapped at the same moment one is there; a block that two take out goes once.",
            source = THREADS)
    void blocks(World world) {
        SpaceBench.on(world, bench -> {
            int order = Page.ORDER_2M;
            long block = bench.frames.allocate(UNTYPED, order);
            long page = bench.granted(UNTYPED, 1);
            long gfn = Page.frame(BLOCKS);
            for (int offset : new int[] {0, 257, (1 << order) - 1}) {
                long address = BLOCKS + Page.address(offset);
                for (boolean blockFirst : new boolean[] {true, false}) {
                    AtomicInteger statusOfBlock = new AtomicInteger();
                    AtomicInteger statusOfPage = new AtomicInteger();
                    Runnable mapsBlock = () -> statusOfBlock.set(
                            bench.space.map(BLOCKS, flags(WRITE), block, order, WRITE, new AddressSpace.Mapped()));
                    Runnable mapsPage = () -> statusOfPage.set(
                            bench.space.map(address, flags(WRITE), page, 0, WRITE, new AddressSpace.Mapped()));
                    bench.pinned(block, order, WRITE);
                    bench.pinned(page, 0, WRITE);
                    Meeting meeting = new Meeting();
                    bench.hooks.before(
                            "set",
                            blockFirst ? gfn : gfn + offset,
                            () -> meeting.returnsMeanwhile(blockFirst ? mapsPage : mapsBlock));
                    (blockFirst ? mapsBlock : mapsPage).run();
                    meeting.join();
                    boolean whole = statusOfBlock.get() == 0;
                    Expect.holds("one is there", whole != (statusOfPage.get() == 0));
                    bench.drop(whole ? page : block, whole ? 0 : order, WRITE);
                    if (whole) {
                        takeOutTwice(bench, block, order, offset % 2 == 0);
                    } else {
                        Expect.status("status", 0, bench.unmap(address, page, WRITE));
                    }
                }
            }
            Expect.equal("the block", PhysicalMap.INVALID, bench.map.entry(gfn));
        });
    }

    private static void takeOutTwice(SpaceBench bench, long block, int order, boolean unmapFirst) {
        AtomicBoolean unmapped = new AtomicBoolean();
        AtomicBoolean removed = new AtomicBoolean();
        Runnable unmap = () ->
                unmapped.set(bench.space.unmap(BLOCKS, 0, flags(WRITE), block, WRITE, new AddressSpace.Mapped()) == 0);
        Runnable remove =
                () -> removed.set(bench.space.remove(Page.frame(BLOCKS), order, block, new AddressSpace.Mapped()) == 0);
        Meeting meeting = new Meeting();
        bench.hooks.before("clear", Page.frame(BLOCKS), () -> meeting.returnsMeanwhile(unmapFirst ? remove : unmap));
        (unmapFirst ? unmap : remove).run();
        meeting.join();
        Expect.holds("it goes once", unmapped.get() != removed.get());
        bench.drop(block, order, WRITE);
        bench.expectHeld(block, 1, 0);
    }
}
