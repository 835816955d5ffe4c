package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.BUS;
import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DmaClauses.SHARED;
import static grantlab.conformance.clause.DmaClauses.SOURCE;
import static grantlab.conformance.clause.DmaClauses.WRITE_ONLY;
import static grantlab.conformance.clause.OwnSpace.READ_WRITE;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Where a device frame has one entry: what a mapping becomes, as a whole and in parts. */
@Needs(iommu = CONFINED)
@Lacks(iommu = {SHARED, BUS})
final class DmaParts {
    private static final int PAGE = Page.ORDER_4K;
    private static final int BLOCK = Page.ORDER_2M;
    private static final int GIANT = Page.ORDER_1G;
    private static final int[] BLOCKS = {BLOCK, GIANT};

    private static final long DFN = 3L << GIANT;
    private static final long MFN = 9L << GIANT;
    private static final long OTHER = 20L << GIANT;

    private static void entry(DeviceSpace space, long dfn, long mfn, int access) {
        long got = space.entry(dfn);
        Expect.equal("frame at 0x" + Long.toHexString(dfn), mfn, DeviceSpace.frameOf(got));
        Expect.equal("rights at 0x" + Long.toHexString(dfn), access, DeviceSpace.accessOf(got));
    }

    private static void nothing(DeviceSpace space, long dfn) {
        Expect.equal("entry at 0x" + Long.toHexString(dfn), DeviceSpace.NO_ENTRY, space.entry(dfn));
    }

    @Clause(
            id = "DMA-11",
            promise =
                    "An entry takes the place of what stood there: what may be remembered otherwise is said, what is the same is not.",
            source = SOURCE)
    void replaced(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            for (int order : new int[] {PAGE, BLOCK, GIANT}) {
                long dfn = DFN + ((long) order << GIANT);
                Expect.status("where nothing was", Status.OKAY, space.map(dfn, MFN, order, Access.READ));
                Expect.status("the same", Status.OKAY, space.map(dfn, MFN, order, Access.READ));
                Expect.status("more rights", Status.MODIFIED, space.map(dfn, MFN, order, READ_WRITE));
                entry(space, dfn, MFN, READ_WRITE);
                Expect.status("another frame", Status.MODIFIED, space.map(dfn, OTHER, order, READ_WRITE));
                entry(space, dfn, OTHER, READ_WRITE);
                Expect.equal("what was there", DeviceSpace.NONE, space.findNext(MFN, 0));
                Expect.status("fewer rights", Status.MODIFIED, space.downgrade(dfn, OTHER, order));
                entry(space, dfn, OTHER, Access.READ);
                Expect.status("as few", Status.OKAY, space.downgrade(dfn, OTHER, order));
                Expect.status("of another frame", Status.GONE, space.downgrade(dfn, MFN, order));
                entry(space, dfn, OTHER, Access.READ);
                Expect.status("the end", Status.MODIFIED, space.unmap(dfn, OTHER, order, Access.READ));
                nothing(space, dfn);
                Expect.equal("uses", 0, space.uses(OTHER, Access.READ));
            }
        }
    }

    @Clause(
            id = "DMA-12",
            promise = "A page in a block becomes something else, or nothing, and all others stay.",
            source = "DeviceSpace: a larger entry around it is split")
    void onePage(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            for (int order : BLOCKS) {
                long pages = 1L << order;
                for (long at : new long[] {0, 300, pages - 1}) {
                    world.step("order " + order + ", page " + at);
                    space.map(DFN, MFN, order, READ_WRITE);
                    Expect.equal("entry", DeviceSpace.entry(MFN + at, order, READ_WRITE), space.entry(DFN + at));
                    Expect.status("another page", Status.MODIFIED, space.map(DFN + at, 5, PAGE, Access.READ));
                    entry(space, DFN + at, 5, Access.READ);
                    beside(space, pages, at);
                    Expect.equal("what was there", DeviceSpace.NONE, space.findNext(MFN + at, 0));
                    Expect.status("it goes", Status.MODIFIED, space.unmap(DFN + at, 5, PAGE, Access.READ));
                    nothing(space, DFN + at);
                    beside(space, pages, at);
                    space.map(DFN, MFN, order, READ_WRITE);
                    Expect.status("not what it is not", Status.GONE, space.unmap(DFN + at, 5, PAGE, Access.READ));
                    entry(space, DFN + at, MFN + at, READ_WRITE);
                    Expect.equal("and it is as large", order, DeviceSpace.orderOf(space.entry(DFN + at)));
                    Expect.status("read only", Status.MODIFIED, space.downgrade(DFN + at, MFN + at, PAGE));
                    entry(space, DFN + at, MFN + at, Access.READ);
                    beside(space, pages, at);
                    space.map(DFN, MFN, order, READ_WRITE);
                    Expect.status("gone at once", Status.MODIFIED, space.unmap(DFN + at, MFN + at, PAGE, READ_WRITE));
                    nothing(space, DFN + at);
                    beside(space, pages, at);
                    Expect.equal("the next", at == pages - 1 ? DeviceSpace.NONE : DFN + at + 1, space.next(DFN + at));
                    space.unmap(DFN, MFN, order, READ_WRITE);
                    Expect.equal("anything", DeviceSpace.NONE, space.next(0));
                }
            }
        }
    }

    private static void beside(DeviceSpace space, long pages, long but) {
        for (long at : new long[] {0, 1, but - 1, but + 1, but ^ 256, but ^ pages / 2, pages - 1}) {
            if (at >= 0 && at < pages && at != but) {
                entry(space, DFN + at, MFN + at, READ_WRITE);
                long mask = -(1L << DeviceSpace.orderOf(space.entry(DFN + at)));
                Expect.holds("it does not reach so far", (at & mask) != (but & mask));
                Expect.equal("where its frame is", DFN + at, space.findNext(MFN + at, 0));
            }
        }
        nothing(space, DFN - 1);
        nothing(space, DFN + pages);
    }

    @Clause(
            id = "DMA-13",
            promise =
                    "Of a block that was mapped over in parts, the parts that still lead to its frames go, or lose the right to write,"
                            + " and no others.",
            source = "DeviceSpace, unmap, downgrade")
    void mappedOver(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            for (int order : BLOCKS) {
                long last = (1L << order) - 1;
                world.step("order " + order);
                space.map(DFN, MFN, order, READ_WRITE);
                space.map(DFN + 5, OTHER + 5, PAGE, READ_WRITE);
                space.map(DFN + 6, MFN + 5, PAGE, READ_WRITE);
                Expect.status("of other frames", Status.GONE, space.downgrade(DFN, OTHER + (1L << order), order));
                Expect.status("read only", Status.MODIFIED, space.downgrade(DFN, MFN, order));
                entry(space, DFN, MFN, Access.READ);
                entry(space, DFN + last, MFN + last, Access.READ);
                entry(space, DFN + 5, OTHER + 5, READ_WRITE);
                entry(space, DFN + 6, MFN + 5, READ_WRITE);
                Expect.status("read only already", Status.OKAY, space.downgrade(DFN, MFN, order));
                space.map(DFN + last, MFN + last, PAGE, READ_WRITE);
                Expect.status("one more page", Status.MODIFIED, space.downgrade(DFN, MFN, order));
                entry(space, DFN + last, MFN + last, Access.READ);
                Expect.status("the parts", Status.MODIFIED, space.unmap(DFN, MFN, order, READ_WRITE));
                for (long at : new long[] {0, 4, 7, 256, last}) {
                    nothing(space, DFN + at);
                }
                entry(space, DFN + 5, OTHER + 5, READ_WRITE);
                entry(space, DFN + 6, MFN + 5, READ_WRITE);
                Expect.status("once more", Status.GONE, space.unmap(DFN, MFN, order, READ_WRITE));
                Expect.equal("the next", DFN + 5, space.next(0));
                Expect.equal("behind", DeviceSpace.NONE, space.next(DFN + 7));
                Expect.equal("where the frame is", DFN + 6, space.findNext(MFN + 5, 0));
                space.unmap(DFN + 5, OTHER + 5, PAGE, READ_WRITE);
                space.unmap(DFN + 6, MFN + 5, PAGE, READ_WRITE);
            }
        }
    }

    @Clause(
            id = "DMA-14",
            promise =
                    "Blocks of 2 MiB go out of one of 1 GiB and into it; one of 1 GiB takes the place of those in it.",
            source = SOURCE)
    void nested(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            long pages = 1L << BLOCK;
            space.map(DFN, MFN, GIANT, READ_WRITE);
            Expect.status("not its frames", Status.GONE, space.unmap(DFN + pages, MFN, BLOCK, READ_WRITE));
            Expect.equal("it is as large", GIANT, DeviceSpace.orderOf(space.entry(DFN + pages)));
            Expect.status("one goes", Status.MODIFIED, space.unmap(DFN + pages, MFN + pages, BLOCK, READ_WRITE));
            Expect.equal("its neighbour", BLOCK, DeviceSpace.orderOf(space.entry(DFN)));
            entry(space, DFN + pages - 1, MFN + pages - 1, READ_WRITE);
            nothing(space, DFN + pages);
            nothing(space, DFN + 2 * pages - 1);
            entry(space, DFN + 2 * pages, MFN + 2 * pages, READ_WRITE);
            Expect.equal("the next", DFN + 2 * pages, space.next(DFN + pages));
            Expect.status("another one comes", Status.OKAY, space.map(DFN + pages, OTHER, BLOCK, Access.READ));
            entry(space, DFN + 2 * pages - 1, OTHER + pages - 1, Access.READ);
            Expect.status("in the place of one", Status.MODIFIED, space.map(DFN, OTHER, BLOCK, Access.READ));
            space.map(DFN + 3 * pages + 3, 5, PAGE, Access.READ);
            Expect.status("the large one loses a right", Status.MODIFIED, space.downgrade(DFN, MFN, GIANT));
            entry(space, DFN + 3 * pages, MFN + 3 * pages, Access.READ);
            entry(space, DFN + 4 * pages + 7, MFN + 4 * pages + 7, Access.READ);
            entry(space, DFN + 3 * pages + 3, 5, Access.READ);
            entry(space, DFN, OTHER, Access.READ);
            Expect.equal("the frame of a page", DFN + 3 * pages + 3, space.findNext(5, 0));
            Expect.equal("the first of two", DFN + 9, space.findNext(OTHER + 9, 0));
            Expect.equal("the second", DFN + pages + 9, space.findNext(OTHER + 9, DFN + 10));
            Expect.equal("no third", DeviceSpace.NONE, space.findNext(OTHER + 9, DFN + pages + 10));
            Expect.status("the large one", Status.MODIFIED, space.map(DFN, MFN, GIANT, READ_WRITE));
            Expect.equal(
                    "entry",
                    DeviceSpace.entry(MFN + 3 * pages + 3, GIANT, READ_WRITE),
                    space.entry(DFN + 3 * pages + 3));
            Expect.equal("the frames that went", DeviceSpace.NONE, space.findNext(OTHER + 9, 0));
            space.map(DFN + 3, 5, PAGE, Access.READ);
            Expect.status("a block over a page", Status.MODIFIED, space.map(DFN, OTHER, BLOCK, READ_WRITE));
            entry(space, DFN + 3, OTHER + 3, READ_WRITE);
            entry(space, DFN + pages, MFN + pages, READ_WRITE);
            Expect.status(
                    "where nothing of it is", Status.GONE, space.unmap(DFN + (1L << GIANT), MFN, BLOCK, READ_WRITE));
        }
    }

    @Needs(iommu = WRITE_ONLY)
    @Clause(
            id = "DMA-15",
            promise = "A mapping that sinks leads to the scratch, for writing alone; parts that lead elsewhere stay.",
            source = "DeviceSpace, sink; grant-v3.md, 9 (SINK_WO)")
    void sunk(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            Expect.status("nothing there", Status.GONE, space.sink(DFN, MFN, PAGE, OTHER));
            for (int order : new int[] {PAGE, BLOCK, GIANT}) {
                for (int access : new int[] {Access.READ, READ_WRITE}) {
                    long last = (1L << order) - 1;
                    space.map(DFN, MFN, order, access);
                    Expect.status("other frames", Status.GONE, space.sink(DFN, OTHER, order, OTHER));
                    Expect.status("it sinks", Status.MODIFIED, space.sink(DFN, MFN, order, OTHER));
                    entry(space, DFN, OTHER, Access.WRITE);
                    entry(space, DFN + last, OTHER + last, Access.WRITE);
                    Expect.equal("the frame that was there", DeviceSpace.NONE, space.findNext(MFN, 0));
                    Expect.status("once more", Status.GONE, space.sink(DFN, MFN, order, OTHER));
                    Expect.status("the sink goes", Status.MODIFIED, space.unmap(DFN, OTHER, order, Access.WRITE));
                    Expect.equal("anything", DeviceSpace.NONE, space.next(0));
                }
            }
            space.map(DFN, MFN, BLOCK, READ_WRITE);
            space.map(DFN + 5, 7, PAGE, READ_WRITE);
            Expect.status("a block with another page", Status.MODIFIED, space.sink(DFN, MFN, BLOCK, OTHER));
            entry(space, DFN + 4, OTHER + 4, Access.WRITE);
            entry(space, DFN + 5, 7, READ_WRITE);
            entry(space, DFN + 6, OTHER + 6, Access.WRITE);
            Expect.status("a page of it", Status.MODIFIED, space.sink(DFN + 5, 7, PAGE, 7));
            entry(space, DFN + 5, 7, Access.WRITE);
            OwnRam.refused(
                    "a scratch that is not aligned",
                    IllegalArgumentException.class,
                    () -> space.sink(DFN, MFN, BLOCK, OTHER + 1));
            OwnRam.refused(
                    "a misaligned place", IllegalArgumentException.class, () -> space.sink(DFN + 1, MFN, BLOCK, OTHER));
        }
    }
}
