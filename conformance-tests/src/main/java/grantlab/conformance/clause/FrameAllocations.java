package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.BLOCK;
import static grantlab.conformance.clause.OwnRam.HIGH;
import static grantlab.conformance.clause.OwnRam.LAST;
import static grantlab.conformance.clause.OwnRam.LAYOUT;
import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TYPED;
import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.api.memory.RamLayout.Extent;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/** Which frames are to be had, and as what they come. */
final class FrameAllocations {
    private static final String SOURCE = "FrameTable, allocate";

    /** Frames of 2^18 around the one whole block of that order. */
    private static final long GIANT = 1L << Page.ORDER_1G;

    /** A block of order 18 with a frame at each of its ends, and one without its last frame. */
    static final RamLayout WITH_GIANT =
            new RamLayout(List.of(new Extent(GIANT - 1, GIANT + 2), new Extent(1L << 30, GIANT - 1)));

    private static final RamLayout FOUR_FRAMES = new RamLayout(List.of(new Extent(LAST - 3, 4)));

    @Clause(
            id = "FRAME-11",
            promise =
                    "Each frame of RAM but the firmware's is to be had once, whatever the kind of memory: owned, with one"
                            + " reference, counted, and again when it was given back.",
            source = SOURCE)
    void eachOnce(World world) {
        Set<Long> all = allocatable();
        OwnRam.each(world, ram -> {
            FrameTable frames = ram.frames();
            Set<Long> got = untilNone(() -> frames.allocate(TYPED, Page.ORDER_4K));
            Expect.equal("frames", all, got);
            Expect.equal("pages", all.size(), frames.pages(TYPED));
            Expect.equal("pages of another", 0, frames.pages(OTHER));
            Expect.equal("shared pages", 0, frames.sharedPages(TYPED));
            for (long mfn : got) {
                plain(frames, mfn, TYPED);
            }
            Expect.equal("no block", FrameTable.NONE, frames.allocate(TYPED, Page.ORDER_2M));
            Expect.equal("no zeroed frame", FrameTable.NONE, frames.allocateZeroed(TYPED, Page.ORDER_4K));
            Expect.equal("no shared frame", FrameTable.NONE, frames.allocateShared(TYPED));
            Expect.equal("pages", all.size(), frames.pages(TYPED));
            Set<Long> some = new TreeSet<>(List.of(0x100L, 0x2ffL, 0x703L, HIGH + BLOCK, LAST));
            some.forEach(mfn -> ram.release(mfn, Page.ORDER_4K));
            Expect.equal("pages", all.size() - some.size(), frames.pages(TYPED));
            Expect.equal("what is free", some, untilNone(() -> frames.allocate(OTHER, Page.ORDER_4K)));
            Expect.equal("pages of another", some.size(), frames.pages(OTHER));
            got.removeAll(some);
            got.forEach(mfn -> ram.release(mfn, Page.ORDER_4K));
            some.forEach(mfn -> ram.release(mfn, Page.ORDER_4K));
            Expect.equal("pages", 0, frames.pages(TYPED) + frames.pages(OTHER));
            Expect.equal(
                    "blocks", new TreeSet<>(OwnRam.BLOCKS), untilNone(() -> frames.allocate(OTHER, Page.ORDER_2M)));
        });
    }

    private static void plain(FrameTable frames, long mfn, int owner) {
        Expect.equal("owner", owner, frames.owner(mfn));
        Expect.equal("references", 1, frames.references(mfn));
        Expect.holds("allocated", frames.isAllocated(mfn));
        Expect.holdsNot("shared", frames.isShared(mfn));
        Expect.equal("type", FrameTable.TYPE_NONE, frames.type(mfn));
        Expect.equal("uses of it", 0, frames.typeUses(mfn));
    }

    @Clause(
            id = "FRAME-12",
            promise = "At or above a number the frames and blocks from there on are to be had, and none below.",
            source = "FrameTable, allocateFrom")
    void fromANumber(World world) {
        Set<Long> all = allocatable();
        for (long lowest : new long[] {-1, 0x101, 0x3ff, 0x704, 0x708, HIGH + BLOCK + 1, LAST}) {
            OwnRam.each(world, ram -> {
                FrameTable frames = ram.frames();
                Set<Long> expected = new TreeSet<>(all);
                expected.removeIf(mfn -> mfn < lowest);
                world.step("from 0x" + Long.toHexString(lowest));
                Expect.equal("frames", expected, untilNone(() -> frames.allocateFrom(TYPED, Page.ORDER_4K, lowest)));
                Expect.equal("pages", expected.size(), frames.pages(TYPED));
            });
        }
        for (long lowest : new long[] {Long.MIN_VALUE, 0x200, 0x201, HIGH + BLOCK, HIGH + BLOCK + 1, LAST + 1}) {
            OwnRam.each(world, ram -> {
                FrameTable frames = ram.frames();
                Set<Long> expected = new TreeSet<>(OwnRam.BLOCKS);
                expected.removeIf(mfn -> mfn < lowest);
                world.step("from 0x" + Long.toHexString(lowest));
                Expect.equal("blocks", expected, untilNone(() -> frames.allocateFrom(TYPED, Page.ORDER_2M, lowest)));
            });
        }
    }

    @Clause(
            id = "FRAME-13",
            promise =
                    "A block is aligned, and all of its frames come with it; one of which a frame is missing is none.",
            source = SOURCE)
    void blocks(World world) {
        OwnRam.each(world, ram -> {
            FrameTable frames = ram.frames();
            long block = ram.block(TYPED, Page.ORDER_2M);
            Expect.holds("one that there is", OwnRam.BLOCKS.contains(block));
            for (long mfn = block; mfn < block + BLOCK; mfn++) {
                plain(frames, mfn, TYPED);
            }
            Expect.equal("pages", BLOCK, frames.pages(TYPED));
            Set<Long> others = new TreeSet<>(OwnRam.BLOCKS);
            others.remove(block);
            Expect.equal("others", others, untilNone(() -> frames.allocate(OTHER, Page.ORDER_2M)));
            world.step("all of one goes but one frame");
            for (long mfn = block; mfn < block + BLOCK - 1; mfn++) {
                ram.release(mfn, Page.ORDER_4K);
            }
            Expect.equal("pages", 1, frames.pages(TYPED));
            Expect.equal("no block", FrameTable.NONE, frames.allocate(TYPED, Page.ORDER_2M));
            ram.release(block + BLOCK - 1, Page.ORDER_4K);
            Expect.equal("the block", block, frames.allocate(TYPED, Page.ORDER_2M));
            Expect.equal("no block of order 18", FrameTable.NONE, frames.allocate(TYPED, Page.ORDER_1G));
            for (int order : new int[] {-1, 1, 8, 10, 17, 19}) {
                refused("order " + order, IllegalArgumentException.class, () -> frames.allocate(TYPED, order));
            }
            Expect.equal("pages", BLOCK, frames.pages(TYPED));
        });
    }

    @Clause(
            id = "FRAME-14",
            promise = "A block of order 18 is one as well: with all of its frames, or not at all.",
            source = SOURCE)
    void giants(World world) {
        try (OwnRam ram = OwnRam.of(world, WITH_GIANT)) {
            FrameTable frames = ram.frames();
            Expect.equal(
                    "above its first frame", FrameTable.NONE, frames.allocateFrom(TYPED, Page.ORDER_1G, GIANT + 1));
            Expect.equal("beyond all", FrameTable.NONE, frames.allocateFrom(TYPED, Page.ORDER_1G, LAST));
            long inside = ram.exactly(TYPED, GIANT + 3 * BLOCK + 7);
            Expect.equal("without one frame", FrameTable.NONE, frames.allocate(TYPED, Page.ORDER_1G));
            ram.release(inside, Page.ORDER_4K);
            Expect.equal("the block", GIANT, frames.allocateFrom(TYPED, Page.ORDER_1G, GIANT));
            Expect.equal("pages", GIANT, frames.pages(TYPED));
            for (long mfn : new long[] {GIANT, GIANT + BLOCK - 1, GIANT + 77 * BLOCK, 2 * GIANT - 1}) {
                plain(frames, mfn, TYPED);
            }
            Expect.equal("a second one", FrameTable.NONE, frames.allocate(TYPED, Page.ORDER_1G));
            Expect.holds("a block elsewhere", frames.allocate(TYPED, Page.ORDER_2M) >= 1L << 30);
            world.step("references on the block and on blocks in it");
            Expect.holds("one on all of it", frames.get(GIANT, Page.ORDER_1G, TYPED));
            Expect.holds("one on a block in it", frames.get(GIANT + 77 * BLOCK, Page.ORDER_2M, TYPED));
            Expect.equal("references", 2, frames.references(GIANT));
            Expect.equal("references", 3, frames.references(GIANT + 78 * BLOCK - 1));
            Expect.equal("references", 2, frames.references(GIANT + 78 * BLOCK));
            Expect.holdsNot("a theft", frames.steal(2 * GIANT - 1, TYPED, 2));
            Expect.holdsNot("one that begins elsewhere", frames.get(GIANT + BLOCK, Page.ORDER_1G, TYPED));
            frames.put(GIANT, Page.ORDER_1G);
            refused("one more", IllegalStateException.class, () -> frames.put(GIANT, Page.ORDER_1G));
            Expect.holdsNot("a theft under a block", frames.steal(GIANT + 77 * BLOCK, TYPED, 1));
            frames.put(GIANT + 77 * BLOCK, Page.ORDER_2M);
            world.step("a frame is stolen from it");
            Expect.holds("stolen", frames.steal(GIANT + 5, TYPED, 1));
            Expect.holdsNot("a reference on all of it", frames.get(GIANT, Page.ORDER_1G, TYPED));
            Expect.holdsNot("one on the block around it", frames.get(GIANT, Page.ORDER_2M, TYPED));
            Expect.holds("one on another block", frames.get(GIANT + BLOCK, Page.ORDER_2M, TYPED));
            Expect.equal("pages", GIANT + BLOCK - 1, frames.pages(TYPED));
        }
    }

    @Clause(
            id = "FRAME-15",
            promise =
                    "A frame of a block of order 18 that is given up waits for the last reference on the block; then it is"
                            + " free, and its neighbours are not.",
            source = "FrameTable, get")
    void partsOfAGiant(World world) {
        try (OwnRam ram = OwnRam.of(world, WITH_GIANT)) {
            FrameTable frames = ram.frames();
            long giant = ram.block(TYPED, Page.ORDER_1G);
            long leaving = giant + 3 * BLOCK;
            Expect.holds("a reference", frames.get(giant, Page.ORDER_1G, TYPED));
            ram.release(leaving, Page.ORDER_4K);
            Expect.equal("references", 1, frames.references(leaving));
            Expect.equal("owner", TYPED, frames.owner(leaving));
            Expect.equal("pages", GIANT, frames.pages(TYPED));
            Expect.holds("another reference on what has one", frames.get(giant, Page.ORDER_1G, TYPED));
            frames.put(giant, Page.ORDER_1G);
            Expect.equal("owner", TYPED, frames.owner(leaving));
            frames.put(giant, Page.ORDER_1G);
            Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(leaving));
            Expect.equal("pages", GIANT - 1, frames.pages(TYPED));
            Expect.holdsNot("a reference on what is broken", frames.get(giant, Page.ORDER_1G, TYPED));
            plain(frames, leaving + 1, TYPED);
            plain(frames, 2 * GIANT - 1, TYPED);
        }
    }

    @Clause(
            id = "FRAME-16",
            promise =
                    "What a living domain gave back keeps its bytes, unless zeroes are asked for; nobody sees what a dying one"
                            + " had.",
            source = "FrameTable, allocate, allocateZeroed, allocateShared, retire")
    void bytes(World world) {
        try (OwnRam ram = OwnRam.of(world, FOUR_FRAMES)) {
            FrameTable frames = ram.frames();
            Expect.equal("a frame that nobody had", 0, letters(ram, ram.frame(TYPED, LAST)));
            passOn(ram, LAST, TYPED);
            Expect.equal("kept", LAST, letters(ram, ram.frame(OTHER, LAST)));
            passOn(ram, LAST, OTHER);
            Expect.equal("a frame that nobody had", 0, letters(ram, frames.allocateZeroed(TYPED, Page.ORDER_4K)));
            untilNone(() -> frames.allocate(TYPED, Page.ORDER_4K));
            for (long mfn = LAST - 3; mfn <= LAST; mfn++) {
                passOn(ram, mfn, TYPED);
                Expect.equal("zeroed", 0, letters(ram, frames.allocateZeroed(TYPED, Page.ORDER_4K)));
            }
            passOn(ram, LAST - 1, TYPED);
            long shared = frames.allocateShared(TYPED);
            Expect.equal("a shared frame", 0, letters(ram, shared));
            ram.memory().store64(Page.address(shared), 5);
            frames.freeShared(shared);
            Expect.equal("kept from a shared frame", 5, letters(ram, ram.frame(TYPED)));
            Expect.holds("stolen", frames.steal(LAST, TYPED, 1));
            write(ram, LAST);
            frames.freeStolen(LAST);
            Expect.equal("kept from a stolen frame", LAST, letters(ram, ram.frame(TYPED)));
            write(ram, LAST - 2);
            frames.retire(TYPED);
            write(ram, LAST - 2);
            passOn(ram, LAST - 2, TYPED);
            Expect.equal("of a dead domain", 0, letters(ram, ram.frame(OTHER)));
            passOn(ram, LAST - 2, OTHER);
            Expect.equal("of a living one again", LAST - 2, letters(ram, ram.frame(OTHER)));
        }
    }

    /** Its owner writes to it and gives it back. */
    private static void passOn(OwnRam ram, long mfn, int owner) {
        Expect.equal("owner", owner, ram.frames().owner(mfn));
        write(ram, mfn);
        ram.release(mfn, Page.ORDER_4K);
    }

    private static void write(OwnRam ram, long mfn) {
        ram.memory().store64(Page.address(mfn), mfn);
        ram.memory().store64(Page.address(mfn) + Page.SIZE - 8, mfn);
    }

    private static long letters(OwnRam ram, long mfn) {
        long first = ram.memory().load64(Page.address(mfn));
        return first == 0 ? ram.memory().load64(Page.address(mfn) + Page.SIZE - 8) : first;
    }

    @Clause(
            id = "FRAME-17",
            promise =
                    "Which free frame comes next is what the name of the kind of memory says: the lowest; with last-freed or first-freed"
                            + " the one that was given back last or first; with rotating none that was given back while there are others.",
            source = "defaults.conf, memory")
    void order(World world) {
        OwnRam.each(world, ram -> {
            FrameTable frames = ram.frames();
            long[] got = new long[6];
            for (int n = 0; n < got.length; n++) {
                got[n] = ram.frame(TYPED);
            }
            for (int n : new int[] {1, 4, 2}) {
                ram.release(got[n], Page.ORDER_4K);
            }
            List<Long> next = switch (ram.kind()) {
                case "last-freed" -> List.of(got[2], got[4]);
                case "first-freed" -> List.of(got[1], got[4]);
                case "rotating" -> List.of(got[5] + 1, got[5] + 2);
                default -> List.of(got[1], got[2]);
            };
            for (long expected : next) {
                Expect.equal("the next frame", expected, frames.allocate(OTHER, Page.ORDER_4K));
            }
            ram.release(got[3], Page.ORDER_4K);
            Expect.holds("none below a number", ram.frame(OTHER, got[5]) > got[5]);
        });
    }

    static Set<Long> untilNone(LongSupplier allocation) {
        Set<Long> got = new TreeSet<>();
        for (long mfn = allocation.getAsLong(); mfn != FrameTable.NONE; mfn = allocation.getAsLong()) {
            Expect.holds("a frame that nobody has: 0x" + Long.toHexString(mfn), got.add(mfn));
        }
        return got;
    }

    private static Set<Long> allocatable() {
        Set<Long> all = new TreeSet<>();
        for (Extent extent : LAYOUT.extents()) {
            LongStream.range(
                            Math.max(extent.firstMfn(), RamLayout.FIRMWARE_FRAMES), extent.firstMfn() + extent.frames())
                    .forEach(all::add);
        }
        return all;
    }
}
