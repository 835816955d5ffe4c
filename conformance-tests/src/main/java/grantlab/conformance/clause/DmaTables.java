package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DmaClauses.SHARED;
import static grantlab.conformance.clause.DmaClauses.SOURCE;
import static grantlab.conformance.clause.OwnRam.refused;
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

/** Tables of an IOMMU's own, whichever bus there is. */
@Needs(iommu = CONFINED)
@Lacks(iommu = SHARED)
final class DmaTables {
    private static final int[] ORDERS = {Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_1G};

    /** Aligned to any order; beyond the first parts of any table. */
    private static final long MFN = 77L << Page.ORDER_1G;

    @Clause(
            id = "DMA-01",
            promise =
                    "What is mapped is found at each of its device frames with its rights, and nowhere else, until it is unmapped.",
            source = SOURCE)
    void mapped(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            for (int order : ORDERS) {
                for (int access : new int[] {Access.READ, READ_WRITE}) {
                    for (long mfn : new long[] {MFN, MFN + (5L << order), 0, (1L << 27) - (1L << order)}) {
                        world.step("order " + order + ", mfn 0x" + Long.toHexString(mfn));
                        long dfn = own.place(mfn);
                        int status = space.map(dfn, mfn, order, access);
                        Expect.holds("mapped", status == Status.OKAY || status == Status.MODIFIED);
                        Expect.holds("nothing was there before a page", status == Status.OKAY || order != 0);
                        found(own, mfn, order, access);
                        Expect.status("another frame", Status.GONE, unmapOther(own, mfn, order, access));
                        found(own, mfn, order, access);
                        Expect.status("the end", Status.MODIFIED, space.unmap(dfn, mfn, order, access));
                        Expect.equal("entry", DeviceSpace.NO_ENTRY, space.entry(dfn));
                        Expect.equal("any entry", DeviceSpace.NONE, space.next(Long.MIN_VALUE));
                        Expect.equal("the frame", DeviceSpace.NONE, space.findNext(mfn, 0));
                        Expect.status("once more", Status.GONE, space.unmap(dfn, mfn, order, access));
                        Expect.status("no rights to lose", Status.GONE, space.downgrade(dfn, mfn, order));
                    }
                }
            }
        }
    }

    private static int unmapOther(OwnSpace own, long mfn, int order, int access) {
        long other = mfn ^ (1L << (order + 1));
        return own.space.unmap(own.busIsMachine() ? other : own.place(mfn), other, order, access);
    }

    private static void found(OwnSpace own, long mfn, int order, int access) {
        DeviceSpace space = own.space;
        long pages = 1L << order;
        long dfn = own.place(mfn);
        for (long within : new long[] {0, pages / 2, pages - 1}) {
            long entry = space.entry(dfn + within);
            Expect.equal("its frame", mfn + within, DeviceSpace.frameOf(entry));
            Expect.equal("its rights", access, DeviceSpace.accessOf(entry));
            Expect.holds("its order", DeviceSpace.orderOf(entry) <= order);
            Expect.equal("where the frame is", dfn + within, space.findNext(mfn + within, Long.MIN_VALUE));
            Expect.equal("where the frame is", dfn + within, space.findNext(mfn + within, dfn + within));
            Expect.equal("and no more", DeviceSpace.NONE, space.findNext(mfn + within, dfn + within + 1));
            Expect.equal("the next", dfn + within, space.next(dfn + within));
        }
        Expect.equal("the first of all", dfn, space.next(Long.MIN_VALUE));
        Expect.equal("behind it", DeviceSpace.NO_ENTRY, space.entry(dfn + pages));
        Expect.equal("behind it", DeviceSpace.NONE, space.next(dfn + pages));
        Expect.equal("a frame behind", DeviceSpace.NONE, space.findNext(mfn + pages, 0));
        Expect.equal("before it", DeviceSpace.NO_ENTRY, space.entry(dfn - 1));
        Expect.equal("a frame before", DeviceSpace.NONE, space.findNext(mfn - 1, 0));
    }

    @Clause(
            id = "DMA-02",
            promise =
                    "What is misaligned, no order or no frame is a mistake of the caller's, and refused; so is a device frame that is"
                            + " not the machine frame where bus equals machine.",
            source = SOURCE)
    void mistakes(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            for (int order : new int[] {-1, 1, 8, 10, 17, 19}) {
                refusedAs("order " + order, space, MFN, MFN, order);
            }
            for (int order : new int[] {Page.ORDER_2M, Page.ORDER_1G}) {
                for (long off : new long[] {1, 1L << (order - 1)}) {
                    refusedAs("both off by " + off, space, MFN + off, MFN + off, order);
                    refusedAs("dfn off by " + off, space, MFN + off, MFN, order);
                    refusedAs("mfn off by " + off, space, MFN, MFN + off, order);
                }
            }
            for (long mfn : new long[] {Page.FRAME_LIMIT, -1, Long.MIN_VALUE}) {
                refusedAs("no frame", space, own.busIsMachine() ? mfn : 0, mfn, Page.ORDER_4K);
            }
            if (own.busIsMachine()) {
                refusedAs("another frame", space, MFN, MFN + 1, Page.ORDER_4K);
            }
            Expect.equal("anything", DeviceSpace.NONE, space.next(0));
        }
    }

    private static void refusedAs(String what, DeviceSpace space, long dfn, long mfn, int order) {
        refused(what, IllegalArgumentException.class, () -> space.map(dfn, mfn, order, Access.READ));
        refused(what, IllegalArgumentException.class, () -> space.unmap(dfn, mfn, order, Access.READ));
        refused(what, IllegalArgumentException.class, () -> space.downgrade(dfn, mfn, order));
    }

    @Clause(
            id = "DMA-03",
            promise =
                    "A table has entries for all device frames below its end, and for none beyond; a grant appears at its frame where"
                            + " bus equals machine, else at its place.",
            source = SOURCE)
    void bounds(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            Expect.holdsNot("it is the guest-physical map", space.followsPhysicalMap());
            Expect.equal("where a grant is", own.busIsMachine() ? 9 : 5, space.deviceFrame(5, 9));
            long end = Page.FRAME_LIMIT;
            if (!own.busIsMachine()) {
                for (end = 1 << 20; space.map(end, 1, Page.ORDER_4K, Access.READ) == Status.OKAY; end <<= 1) {
                    Expect.status("the end of it", Status.MODIFIED, space.unmap(end, 1, Page.ORDER_4K, Access.READ));
                }
                for (long dfn : new long[] {end, end + 1, 2 * end, -1, Long.MIN_VALUE}) {
                    int status = space.map(dfn, 1, Page.ORDER_4K, Access.READ);
                    Expect.status("beyond the table", Status.GENERAL_ERROR, status);
                    Expect.status("its end", Status.GONE, space.unmap(dfn, 1, Page.ORDER_4K, Access.READ));
                    Expect.status("its rights", Status.GONE, space.downgrade(dfn, 1, Page.ORDER_4K));
                }
                int status = space.map(end, 0, Page.ORDER_1G, Access.READ);
                Expect.status("a block beyond the table", Status.GENERAL_ERROR, status);
            }
            for (long dfn : new long[] {end, 2 * end, -1, Long.MIN_VALUE}) {
                Expect.equal("an entry beyond", DeviceSpace.NO_ENTRY, space.entry(dfn));
            }
            Expect.equal("the next beyond", DeviceSpace.NONE, space.next(end));
            Expect.equal("the next beyond all", DeviceSpace.NONE, space.next(Long.MAX_VALUE));
            long last = end - 1;
            long mfn = own.busIsMachine() ? last : 1;
            Expect.status("the last", Status.OKAY, space.map(last, mfn, Page.ORDER_4K, Access.READ));
            Expect.equal("its frame", mfn, DeviceSpace.frameOf(space.entry(last)));
            Expect.equal("the next", last, space.next(0));
            Expect.equal("the next that leads there", last, space.findNext(mfn, 0));
            Expect.equal("behind it", DeviceSpace.NONE, space.findNext(mfn, end));
        }
    }

    @Clause(
            id = "DMA-04",
            promise =
                    "An entry that may be written alone exists where that is declared, and nowhere else; then nothing changes.",
            source = "DeviceSpace, map, sink; grant-v3.md, 9 (SINK_WO)")
    void writeOnly(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            long mfn = own.busIsMachine() ? MFN : 5;
            if (!own.hasWriteOnlyEntries()) {
                Expect.status("alone", Status.UNSUPPORTED, space.map(MFN, mfn, Page.ORDER_4K, Access.WRITE));
                Expect.equal("anything", DeviceSpace.NONE, space.next(0));
                space.map(MFN, mfn, Page.ORDER_4K, READ_WRITE);
                Expect.status("a sink", Status.UNSUPPORTED, space.sink(MFN, mfn, Page.ORDER_4K, 6));
                Expect.equal("frame", mfn, DeviceSpace.frameOf(space.entry(MFN)));
                Expect.equal("rights", READ_WRITE, DeviceSpace.accessOf(space.entry(MFN)));
                return;
            }
            Expect.status("alone", Status.OKAY, space.map(MFN, mfn, Page.ORDER_4K, Access.WRITE));
            Expect.equal("entry", DeviceSpace.entry(mfn, Page.ORDER_4K, Access.WRITE), space.entry(MFN));
            Expect.status("no right to read comes", Status.MODIFIED, space.downgrade(MFN, mfn, Page.ORDER_4K));
            Expect.equal("entry", DeviceSpace.NO_ENTRY, space.entry(MFN));
        }
    }
}
