package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.FrameList;
import grantlab.conformance.call.GetStatusFramesCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.SwapCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.Version;

/** Advisories about tables and their size. */
final class XsaTable {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int SOMEBODY = 5;

    @Needs(format = {"flat-home", "swap"})
    @Clause(
            id = "XSA-18",
            promise = "References beyond the table are not swapped, on either side, and nothing beyond it is touched.",
            source = "XSA-18, CVE-2012-3516")
    void swapBeyond(World world) {
        Party granter = world.granter();
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, granter);
        long end = granter.references();
        for (long beyond : new long[] {end, end + 1, 2 * end, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL}) {
            Expect.status(Status.BAD_GNTREF, granter.call(new SwapCall(ref, beyond)));
            Expect.status(Status.BAD_GNTREF, granter.call(new SwapCall(beyond, ref)));
            Expect.status(Status.BAD_GNTREF, granter.call(new SwapCall(beyond, beyond)));
        }
        ledger.check();
        new Driver(world.grantee()).unmap(new Driver(world.grantee()).map(ref, 0, READ_WRITE));
        Expect.okay(granter.call(new SwapCall(ref, end - 1)));
        new Driver(world.grantee()).unmap(new Driver(world.grantee()).map(end - 1, 0, READ_WRITE));
    }

    @Needs(format = {"flat-home", "swap"})
    @Clause(
            id = "XSA-134",
            promise = "Swap as the first thing that a domain ever asks of its table works.",
            source = "XSA-134, CVE-2015-4163")
    void swapFirst(World world) {
        Party fresh = world.boot(
                world.config(SOMEBODY, world.combination().granterPaging().name()));
        Expect.okay(fresh.call(new SwapCall(0, 1)));
        Expect.okay(fresh.call(new SwapCall(fresh.references() - 1, 0)));
        Expect.status(Status.BAD_GNTREF, fresh.call(new SwapCall(0, fresh.references())));
    }

    @Needs(format = {"flat-home", "layout-v2"})
    @Clause(
            id = "XSA-268",
            promise = "A domain that may not have version 2 does not get it.",
            source = "XSA-268, CVE-2018-15469 (which forbids it to Arm)")
    void versionNotAllowed(World world) {
        Party limited = world.boot(
                world.config(SOMEBODY, world.combination().granterPaging().name())
                        .withGrantLimits(-1, -1, 1));
        Expect.equal("set_version", new Version(-Errno.ENOSYS, 1), limited.call(new SetVersionCall(2)));
        Expect.equal("version in force", 1, limited.domain().tableFormat().version());
        Expect.equal("status frames", 0, limited.domain().tableFrames().statusCount());
    }

    @Needs(
            format = {"flat-home", "layout-v2"},
            granter = "names-entries")
    @Clause(
            id = "XSA-382",
            promise =
                    "Who asks for more status frames than there are is told of none, whatever unit somebody might count in.",
            source = "XSA-382, CVE-2021-28699")
    void moreStatusFrames(World world) {
        Party granter = world.granter();
        Expect.okay(granter.call(SetupTableCall.own(17)));
        int count = granter.domain().tableFrames().statusCount();
        Expect.equal("status frames", 3, count);
        for (int asked : new int[] {count + 1, 8 * count, 17, 64, Page.SIZE, 0x7fff_ffff, -1}) {
            FrameList list = granter.call(GetStatusFramesCall.own(asked));
            Expect.status(Status.GENERAL_ERROR, list);
            Expect.holds(
                    "nothing is told", list.frames().stream().allMatch(frame -> frame == FrameList.UNWRITTEN_FRAME));
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-334",
            promise = "After calls that fail at every stage nobody is left inside: tables grow, and domains go.",
            source = "XSA-334, CVE-2020-25598 (an error path that left a section entered)")
    void failuresLeave(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        long nowhere = 1L << 50;
        CopyCall.End own = CopyCall.own(grantee.pageFrame(0), 0);
        MapCall map = MapCall.of(World.GRANTER, ref).readonly();
        for (MapCall call : new MapCall[] {
            map.at(nowhere),
            map.flags(0),
            MapCall.of(99, ref),
            MapCall.of(World.GRANTER, -1),
            MapCall.of(World.GRANTER, ref)
        }) {
            Expect.holds("refused", grantee.call(call).status() < 0);
        }
        Expect.status(Status.BAD_HANDLE, grantee.call(UnmapCall.of(0x7fff_ffff)));
        for (CopyCall call : new CopyCall[] {
            CopyCall.from(CopyCall.of(99, ref, 0), own, 8),
            CopyCall.from(CopyCall.of(World.GRANTER, -1, 0), own, 8),
            CopyCall.from(CopyCall.of(World.GRANTER, ref, Page.SIZE), own, 8),
            CopyCall.to(own, CopyCall.of(World.GRANTER, ref, 0), 8)
        }) {
            Expect.holds("refused", grantee.call(call).status() < 0);
        }
        Expect.rc(-Errno.EFAULT, grantee.grantTableOp(0, nowhere, 1));
        for (Party party : new Party[] {granter, grantee}) {
            Expect.okay(party.call(SetupTableCall.own(3)));
        }
        world.destroy(grantee);
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }
}
