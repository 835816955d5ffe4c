package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.BUS;
import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.OwnSpace.READ_WRITE;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Where bus equals machine: uses are counted. */
@Needs(iommu = {BUS, CONFINED})
final class DmaUses {
    private static final String SOURCE = "DeviceSpace; xen-semantics.md, 3.10";
    private static final int PAGE = Page.ORDER_4K;

    private static void rights(DeviceSpace space, long mfn, int access) {
        long entry = access == 0 ? DeviceSpace.NO_ENTRY : DeviceSpace.entry(mfn, PAGE, access);
        Expect.equal("entry", entry, space.entry(mfn));
    }

    private static void uses(DeviceSpace space, long mfn, long readers, long writers) {
        Expect.equal("those that read alone", readers, space.uses(mfn, Access.READ));
        Expect.equal("those that write too", writers, space.uses(mfn, READ_WRITE));
    }

    /** Numbers at which parts of a table may begin and end. */
    private static long[] frames() {
        return new long[] {
            0,
            1,
            (1 << 13) - 1,
            1 << 13,
            (1 << 18) - 1,
            1 << 18,
            (1 << 26) - 1,
            1 << 26,
            OwnRam.HIGH,
            OwnRam.LAST - 1,
            OwnRam.LAST
        };
    }

    @Clause(
            id = "DMA-31",
            promise =
                    "A frame may be used as often as somebody asks; the last writer takes the right to write with it, the last user"
                            + " all, and only then there is something to forget.",
            source = SOURCE)
    void counted(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            for (long mfn : frames()) {
                world.step("mfn 0x" + Long.toHexString(mfn));
                rights(space, mfn, 0);
                Expect.status("a first reader", Status.OKAY, space.map(mfn, mfn, PAGE, Access.READ));
                Expect.status("a second", Status.OKAY, space.map(mfn, mfn, PAGE, Access.READ));
                rights(space, mfn, Access.READ);
                uses(space, mfn, 2, 0);
                Expect.status("no writer", Status.GONE, space.unmap(mfn, mfn, PAGE, READ_WRITE));
                Expect.status("a first writer", Status.MODIFIED, space.map(mfn, mfn, PAGE, READ_WRITE));
                Expect.status("a second", Status.OKAY, space.map(mfn, mfn, PAGE, READ_WRITE));
                rights(space, mfn, READ_WRITE);
                uses(space, mfn, 2, 2);
                Expect.status("a reader goes", Status.OKAY, space.unmap(mfn, mfn, PAGE, Access.READ));
                Expect.status("a writer goes", Status.OKAY, space.unmap(mfn, mfn, PAGE, READ_WRITE));
                rights(space, mfn, READ_WRITE);
                Expect.status("the last writer goes", Status.MODIFIED, space.unmap(mfn, mfn, PAGE, READ_WRITE));
                rights(space, mfn, Access.READ);
                uses(space, mfn, 1, 0);
                Expect.status("the last user goes", Status.MODIFIED, space.unmap(mfn, mfn, PAGE, Access.READ));
                rights(space, mfn, 0);
                Expect.status("nobody", Status.GONE, space.unmap(mfn, mfn, PAGE, Access.READ));
                uses(space, mfn, 0, 0);
                Expect.status("a writer first", Status.OKAY, space.map(mfn, mfn, PAGE, READ_WRITE));
                Expect.status("a reader beside it", Status.OKAY, space.map(mfn, mfn, PAGE, Access.READ));
                Expect.status("it goes", Status.OKAY, space.unmap(mfn, mfn, PAGE, Access.READ));
                Expect.status("no reader", Status.GONE, space.unmap(mfn, mfn, PAGE, Access.READ));
                Expect.status("the writer goes", Status.MODIFIED, space.unmap(mfn, mfn, PAGE, READ_WRITE));
                rights(space, mfn, 0);
            }
        }
    }

    @Clause(
            id = "DMA-32",
            promise = "A writer becomes a reader: the right to write goes with the last one.",
            source = "DeviceSpace, downgrade")
    void downgraded(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            long mfn = OwnRam.HIGH;
            Expect.status("nobody", Status.GONE, space.downgrade(mfn, mfn, PAGE));
            space.map(mfn, mfn, PAGE, READ_WRITE);
            space.map(mfn, mfn, PAGE, READ_WRITE);
            Expect.status("one of two", Status.OKAY, space.downgrade(mfn, mfn, PAGE));
            uses(space, mfn, 1, 1);
            rights(space, mfn, READ_WRITE);
            Expect.status("the other", Status.MODIFIED, space.downgrade(mfn, mfn, PAGE));
            uses(space, mfn, 2, 0);
            rights(space, mfn, Access.READ);
            Expect.status("readers stay", Status.OKAY, space.downgrade(mfn, mfn, PAGE));
            uses(space, mfn, 2, 0);
            Expect.status("no sink for one of many", Status.UNSUPPORTED, space.sink(mfn, mfn, PAGE, 5));
            uses(space, mfn, 2, 0);
        }
    }

    @Clause(
            id = "DMA-33",
            promise =
                    "A frame has the rights of its own uses and of those of the blocks around it; each is counted for itself.",
            source = SOURCE)
    void blocks(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            long first = 5L << Page.ORDER_1G;
            long mfn = first + 1023;
            space.map(first, first, Page.ORDER_1G, Access.READ);
            rights(space, mfn, Access.READ);
            rights(space, first + (1L << Page.ORDER_1G) - 1, Access.READ);
            rights(space, first - 1, 0);
            uses(space, mfn, 0, 0);
            space.map(first + 512, first + 512, Page.ORDER_2M, READ_WRITE);
            rights(space, mfn, READ_WRITE);
            rights(space, mfn + 1, Access.READ);
            rights(space, first + 511, Access.READ);
            Expect.status("what may be remembered", Status.MODIFIED, space.map(first, first, PAGE, READ_WRITE));
            rights(space, first, READ_WRITE);
            uses(space, first, 0, 1);
            Expect.equal("the next", first, space.next(0));
            Expect.equal("the next in the block", first + 77, space.next(first + 77));
            Expect.status(
                    "the block goes",
                    Status.MODIFIED,
                    space.unmap(first + 512, first + 512, Page.ORDER_2M, READ_WRITE));
            rights(space, mfn, Access.READ);
            Expect.status(
                    "no such block", Status.GONE, space.unmap(first + 512, first + 512, Page.ORDER_2M, READ_WRITE));
            space.map(first + 1024, first + 1024, Page.ORDER_2M, Access.READ);
            Expect.status("the large one goes", Status.MODIFIED, space.unmap(first, first, Page.ORDER_1G, Access.READ));
            rights(space, mfn, 0);
            Expect.equal("the next behind the page", first + 1024, space.next(first + 1));
            Expect.equal("in the block", first + 1535, space.next(first + 1535));
            Expect.equal("behind it", DeviceSpace.NONE, space.next(first + 1536));
            Expect.equal("where a frame is", first + 1030, space.findNext(first + 1030, 0));
            Expect.equal("where none is", DeviceSpace.NONE, space.findNext(first + 1, 0));
            Expect.status("the page", Status.MODIFIED, space.downgrade(first, first, PAGE));
            Expect.status("the block", Status.OKAY, space.downgrade(first + 1024, first + 1024, Page.ORDER_2M));
        }
    }

    @Clause(
            id = "DMA-34",
            promise =
                    "The walk over what is used finds each frame once, in order, wherever it is; when the domain dies nothing is left.",
            source = "DeviceSpace, next, dispose")
    void walks(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            for (long mfn : frames()) {
                space.map(mfn, mfn, PAGE, Access.READ);
            }
            long from = Long.MIN_VALUE;
            for (long mfn : frames()) {
                Expect.equal("the next", mfn, space.next(from));
                from = mfn + 1;
            }
            Expect.equal("behind the last", DeviceSpace.NONE, space.next(from));
            long block = 3L << Page.ORDER_1G;
            space.map(block, block, Page.ORDER_2M, Access.READ);
            space.map(2 * block, 2 * block, Page.ORDER_1G, Access.READ);
            space.dispose();
            Expect.equal("the next", DeviceSpace.NONE, space.next(0));
            for (long mfn : new long[] {0, OwnRam.LAST, block, 2 * block + 5}) {
                rights(space, mfn, 0);
            }
        }
    }
}
