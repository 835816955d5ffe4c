package grantlab.conformance.clause;

import static grantlab.conformance.clause.PhysicalMapClauses.TRANSLATED;

import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.stream.LongStream;

/** Entries of 2 MiB and 1 GiB: as a whole, in parts, over others. */
@Needs(granter = TRANSLATED)
final class PhysicalMapBlocks {
    private static final String SOURCE = "PhysicalMap, set, clear, entry";
    private static final long NONE = PhysicalMap.INVALID;

    /** First frame of what is mapped: aligned to 2^18. */
    private static final long MFN = 5L << Page.ORDER_1G;

    private static final long MIDDLE = 1L << Page.ORDER_2M;

    @Clause(
            id = "PMAP-11",
            promise = "A block stands at each of its numbers with the frame of that number, and at no other.",
            source = SOURCE)
    void whole(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            for (int order : new int[] {Page.ORDER_2M, Page.ORDER_1G}) {
                PhysicalMap map = ram.map();
                long pages = 1L << order;
                for (long first : firsts(map, order)) {
                    world.step("order " + order + " at 0x" + Long.toHexString(first));
                    Expect.equal("before", NONE, map.set(first, MFN, order, PhysicalMap.RAM_RW));
                    for (long within : new long[] {0, 1, 511, pages / 2, pages - 1}) {
                        Expect.equal(
                                "entry",
                                PhysicalMap.entry(MFN + within, order, PhysicalMap.RAM_RW),
                                map.entry(first + within));
                        Expect.equal("frame", MFN + within, map.machineFrame(first + within));
                        Expect.equal("the number of its frame", first + within, map.findNext(MFN + within, first));
                        Expect.equal("none behind it", NONE, map.findNext(MFN + within, first + within + 1));
                        Expect.equal("the next", first + within, map.next(first + within));
                    }
                    Expect.equal("before it", NONE, map.entry(first - 1));
                    Expect.equal("behind it", NONE, map.entry(first + pages));
                    Expect.equal("a frame before", NONE, map.findNext(MFN - 1, 0));
                    Expect.equal("a frame behind", NONE, map.findNext(MFN + pages, 0));
                    Expect.equal("a block of frames", first, map.findNext(MFN, order, 0));
                    Expect.equal("the frames around it", first, map.findNext(MFN & -(1L << 18), 18, 0));
                    Expect.equal("some of its frames", first + 256, map.findNext(MFN + 256, 8, 0));
                    Expect.equal(
                            "with another",
                            PhysicalMap.entry(MFN, order, PhysicalMap.RAM_RW),
                            map.set(first, 2 * MFN, order, PhysicalMap.RAM_RO));
                    Expect.equal(
                            "entry", PhysicalMap.entry(2 * MFN + 77, order, PhysicalMap.RAM_RO), map.entry(first + 77));
                    Expect.equal(
                            "emptied", PhysicalMap.entry(2 * MFN, order, PhysicalMap.RAM_RO), map.clear(first, order));
                    Expect.equal("afterwards", NONE, map.entry(first + 77));
                    Expect.equal("anything", NONE, map.next(0));
                }
            }
        }
    }

    private static long[] firsts(PhysicalMap map, int order) {
        return new long[] {4L << 18, (1L << 22) - (1L << order), 1L << 22, 1L << 28, map.limit() - (1L << order)};
    }

    @Clause(
            id = "PMAP-12",
            promise = "One page of a block becomes something else, or nothing, and all others stay.",
            source = SOURCE)
    void onePage(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            for (int order : new int[] {Page.ORDER_2M, Page.ORDER_1G}) {
                PhysicalMap map = ram.map();
                long pages = 1L << order;
                for (long first : firsts(map, order)) {
                    for (long within : new long[] {0, 300, pages - 1}) {
                        world.step("order " + order + " at 0x" + Long.toHexString(first) + ", page " + within);
                        map.set(first, MFN, order, PhysicalMap.RAM_RW);
                        Expect.equal(
                                "what stood there",
                                PhysicalMap.entry(MFN + within, order, PhysicalMap.RAM_RW),
                                map.set(first + within, 9, Page.ORDER_4K, PhysicalMap.GRANT_RO));
                        Expect.equal(
                                "the page",
                                PhysicalMap.entry(9, Page.ORDER_4K, PhysicalMap.GRANT_RO),
                                map.entry(first + within));
                        others(map, first, pages, within);
                        Expect.equal("what it was is nowhere", NONE, map.findNext(MFN + within, 0));
                        map.clear(first + within, Page.ORDER_4K);
                        others(map, first, pages, within);
                        Expect.equal("the page", NONE, map.entry(first + within));
                        Expect.equal(
                                "the next one",
                                within == pages - 1 ? NONE : first + within + 1,
                                map.next(first + within));
                        map.clear(first, order);
                        map.set(first, MFN, order, PhysicalMap.RAM_RW);
                        Expect.equal(
                                "emptied at once",
                                PhysicalMap.entry(MFN + within, order, PhysicalMap.RAM_RW),
                                map.clear(first + within, Page.ORDER_4K));
                        others(map, first, pages, within);
                        map.clear(first, order);
                        Expect.equal("anything", NONE, map.next(0));
                    }
                }
            }
        }
    }

    private static void others(PhysicalMap map, long first, long pages, long but) {
        for (long within : new long[] {0, 1, but - 1, but + 1, but ^ 256, but ^ pages / 2, pages - 2, pages - 1}) {
            if (within >= 0 && within < pages && within != but) {
                long entry = map.entry(first + within);
                Expect.holds("an entry beside it", entry != NONE);
                Expect.equal("its frame", MFN + within, PhysicalMap.frameOf(entry));
                Expect.equal("its type", PhysicalMap.RAM_RW, PhysicalMap.typeOf(entry));
                long mask = -(1L << PhysicalMap.orderOf(entry));
                Expect.holds("it does not reach so far", (within & mask) != (but & mask));
                Expect.equal("where its frame is", first + within, map.findNext(MFN + within, 0));
            }
        }
        Expect.equal("before it", NONE, map.entry(first - 1));
        Expect.equal("behind it", NONE, map.entry(first + pages));
    }

    @Clause(
            id = "PMAP-13",
            promise =
                    "A block takes the place of whatever stands at its numbers, and of nothing else; it answers what stood at the first.",
            source = SOURCE)
    void over(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            for (int order : new int[] {Page.ORDER_2M, Page.ORDER_1G}) {
                PhysicalMap map = ram.map();
                long pages = 1L << order;
                for (long first : firsts(map, order)) {
                    for (long at : new long[] {0, 5, pages - 1}) {
                        world.step("order " + order + " at 0x" + Long.toHexString(first) + ", page " + at);
                        map.set(first + at, 9, Page.ORDER_4K, PhysicalMap.GRANT_RW);
                        map.set(first - 1, 8, Page.ORDER_4K, PhysicalMap.RAM_RW);
                        long stood = at == 0 ? PhysicalMap.entry(9, Page.ORDER_4K, PhysicalMap.GRANT_RW) : NONE;
                        Expect.equal("what stood there", stood, map.set(first, MFN, order, PhysicalMap.RAM_RW));
                        Expect.equal(
                                "the page",
                                PhysicalMap.entry(MFN + at, order, PhysicalMap.RAM_RW),
                                map.entry(first + at));
                        Expect.equal("the frame that went", NONE, map.findNext(9, 0));
                        Expect.equal("before it", 8, map.machineFrame(first - 1));
                        map.set(first + at, 9, Page.ORDER_4K, PhysicalMap.GRANT_RW);
                        long now = at == 0
                                ? PhysicalMap.entry(9, Page.ORDER_4K, PhysicalMap.GRANT_RW)
                                : PhysicalMap.entry(MFN, PhysicalMap.orderOf(map.entry(first)), PhysicalMap.RAM_RW);
                        Expect.equal("emptied", now, map.clear(first, order));
                        Expect.equal("before it", first - 1, map.next(0));
                        Expect.equal("behind that", NONE, map.next(first));
                        map.clear(first - 1, Page.ORDER_4K);
                    }
                }
            }
        }
    }

    @Clause(
            id = "PMAP-14",
            promise =
                    "Blocks of 2 MiB go into one of 1 GiB and out of it; one of 1 GiB takes the place of those in it.",
            source = SOURCE)
    void nested(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            for (long first : firsts(map, Page.ORDER_1G)) {
                world.step("at 0x" + Long.toHexString(first));
                map.set(first, MFN, Page.ORDER_1G, PhysicalMap.RAM_RW);
                for (long at : new long[] {0, 7 * MIDDLE, 511 * MIDDLE}) {
                    long stood = map.set(first + at, 3 * MIDDLE, Page.ORDER_2M, PhysicalMap.RAM_RO);
                    Expect.equal("the frame that stood there", MFN + at, PhysicalMap.frameOf(stood));
                    Expect.equal(
                            "in the block",
                            PhysicalMap.entry(3 * MIDDLE + 511, Page.ORDER_2M, PhysicalMap.RAM_RO),
                            map.entry(first + at + 511));
                    if (at != 0) {
                        Expect.equal("before it", MFN + at - 1, map.machineFrame(first + at - 1));
                    }
                }
                Expect.equal("behind one", MFN + 8 * MIDDLE, map.machineFrame(first + 8 * MIDDLE));
                Expect.equal(
                        "the one taken out",
                        PhysicalMap.entry(3 * MIDDLE, Page.ORDER_2M, PhysicalMap.RAM_RO),
                        map.clear(first + 7 * MIDDLE, Page.ORDER_2M));
                Expect.equal("nothing there", NONE, map.entry(first + 7 * MIDDLE + 100));
                Expect.equal("the next", first + 8 * MIDDLE, map.next(first + 7 * MIDDLE));
                map.set(first + 7 * MIDDLE + 3, 6, Page.ORDER_4K, PhysicalMap.RAM_RW);
                map.set(first + 9 * MIDDLE + 3, 6, Page.ORDER_4K, PhysicalMap.RAM_RW);
                map.set(first + 3, 6, Page.ORDER_4K, PhysicalMap.RAM_RW);
                Expect.equal(
                        "what stood at the first",
                        3 * MIDDLE,
                        PhysicalMap.frameOf(map.set(first, 2 * MFN, Page.ORDER_1G, PhysicalMap.FOREIGN)));
                for (long at : new long[] {0, 3, 7 * MIDDLE, 7 * MIDDLE + 3, 9 * MIDDLE + 3, 511 * MIDDLE + 511}) {
                    Expect.equal(
                            "in the large one",
                            PhysicalMap.entry(2 * MFN + at, Page.ORDER_1G, PhysicalMap.FOREIGN),
                            map.entry(first + at));
                }
                Expect.equal("a frame that went", NONE, map.findNext(6, 0));
                Expect.equal("frames that went", NONE, map.findNext(MFN, Page.ORDER_1G, 0));
                map.set(first + 3, 6, Page.ORDER_4K, PhysicalMap.RAM_RW);
                map.clear(first, Page.ORDER_1G);
                Expect.equal("anything", NONE, map.next(0));
                Expect.equal("emptied once more", NONE, map.clear(first, Page.ORDER_1G));
                Expect.equal("a part of it", NONE, map.clear(first + MIDDLE, Page.ORDER_2M));
            }
        }
    }

    @Clause(
            id = "PMAP-15",
            promise =
                    "Pages are entered beside one another up to the first place where something stands, and as many as is said.",
            source = "PhysicalMap, setVacant")
    void beside(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            long[] mfns = apart();
            for (long gfn : new long[] {500, 0, 4L << 18, map.limit() - 20}) {
                world.step("gfn 0x" + Long.toHexString(gfn));
                map.set(gfn + 3, 7, Page.ORDER_4K, PhysicalMap.RAM_RW);
                map.set(gfn + 14, 8, Page.ORDER_4K, PhysicalMap.GRANT_RO);
                entered(map, gfn, mfns, 3, 9, 0);
                entered(map, gfn, mfns, 0, 3, 3);
                entered(map, gfn, mfns, 5, 5, 0);
                entered(map, gfn, mfns, 5, 40, 9);
                entered(map, gfn, mfns, 15, 16, 1);
                Expect.equal("what stood there", 7, map.machineFrame(gfn + 3));
                Expect.equal("what stood there", 8, map.machineFrame(gfn + 14));
                Expect.equal("what nobody named", NONE, map.entry(gfn + 4));
            }
            map.set(MIDDLE * 9, MIDDLE, Page.ORDER_2M, PhysicalMap.RAM_RW);
            entered(map, MIDDLE * 9, mfns, 0, 4, 0);
            Expect.equal("the block", MIDDLE + 2, map.machineFrame(MIDDLE * 9 + 2));
        }
    }

    @Clause(
            id = "PMAP-52",
            promise =
                    "Pages are emptied beside one another up to the first place where another page stands or this one in another way, and as many as is said.",
            source = "PhysicalMap, clearSame")
    void emptiedBeside(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            long[] mfns = apart();
            for (long gfn : new long[] {500, 0, 4L << 18, map.limit() - 20}) {
                world.step("gfn 0x" + Long.toHexString(gfn));
                for (int n = 0; n < 20; n++) {
                    map.set(gfn + n, mfns[n], Page.ORDER_4K, PhysicalMap.GRANT_RW);
                }
                map.set(gfn + 3, 7, Page.ORDER_4K, PhysicalMap.GRANT_RW);
                map.set(gfn + 14, mfns[14], Page.ORDER_4K, PhysicalMap.GRANT_RO);
                map.clear(gfn + 17, Page.ORDER_4K);
                emptied(map, gfn, mfns, 3, 9, 0);
                emptied(map, gfn, mfns, 0, 3, 3);
                emptied(map, gfn, mfns, 5, 5, 0);
                emptied(map, gfn, mfns, 5, 40, 9);
                emptied(map, gfn, mfns, 15, 40, 2);
                emptied(map, gfn, mfns, 18, 19, 1);
                Expect.equal("what stood there", 7, map.machineFrame(gfn + 3));
                Expect.equal("what stood there", mfns[14], map.machineFrame(gfn + 14));
                Expect.equal("what nobody named", mfns[4], map.machineFrame(gfn + 4));
                Expect.equal("what nobody named", mfns[19], map.machineFrame(gfn + 19));
            }
            map.set(MIDDLE * 9, MIDDLE, Page.ORDER_2M, PhysicalMap.GRANT_RW);
            long[] parts = {MIDDLE, MIDDLE + 1, MIDDLE + 2};
            int emptied = map.clearSame(MIDDLE * 9, parts, 0, parts.length, PhysicalMap.GRANT_RW);
            Expect.equal("pages of a block, which is no page", 0, emptied);
            Expect.equal("the block", MIDDLE + 2, map.machineFrame(MIDDLE * 9 + 2));
        }
    }

    /** Machine frames of which none lies behind another. */
    private static long[] apart() {
        return LongStream.range(0, 40).map(n -> 900 + 3 * n).toArray();
    }

    /** At most so many, and those alone. */
    private static void emptied(PhysicalMap map, long gfn, long[] mfns, int from, int end, int most) {
        long next = map.entry(gfn + from + most);
        long[] before = new long[most];
        for (int n = 0; n < most; n++) {
            before[n] = map.entry(gfn + from + n);
        }
        int emptied = map.clearSame(gfn, mfns, from, end, PhysicalMap.GRANT_RW);
        Expect.holds("no more than there are: " + emptied, emptied >= 0 && emptied <= most);
        for (int n = 0; n < most; n++) {
            Expect.equal("entry", n < emptied ? NONE : before[n], map.entry(gfn + from + n));
        }
        Expect.equal("behind them", next, map.entry(gfn + from + most));
    }

    /** At most so many, and those alone. */
    private static void entered(PhysicalMap map, long gfn, long[] mfns, int from, int end, int most) {
        long next = map.entry(gfn + from + most);
        int entered = map.setVacant(gfn, mfns, from, end, PhysicalMap.GRANT_RW);
        Expect.holds("no more than there is room for: " + entered, entered >= 0 && entered <= most);
        for (int n = from; n < from + entered; n++) {
            Expect.equal("entry", PhysicalMap.entry(mfns[n], Page.ORDER_4K, PhysicalMap.GRANT_RW), map.entry(gfn + n));
        }
        for (int n = from + entered; n < from + most; n++) {
            Expect.equal("where nothing was entered", NONE, map.entry(gfn + n));
        }
        Expect.equal("behind them", next, map.entry(gfn + from + most));
    }
}
