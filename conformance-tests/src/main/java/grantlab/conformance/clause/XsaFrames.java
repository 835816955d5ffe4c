package grantlab.conformance.clause;

import static grantlab.api.abi.CacheFlush.CLEAN;
import static grantlab.api.abi.CacheFlush.INVAL;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.World;
import grantlab.conformance.call.CacheFlushCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;

/** Advisories about what frames are used for: caches, page tables, devices. */
final class XsaFrames {
    private static final int LINE = 64;
    private static final int TIMES = 100;

    /** The firmware's memory, which nobody owns. */
    private static final long FIRMWARE = 8;

    private static final long CACHE_ATTRIBUTES = 0x98;
    private static final long PRESENT_WRITABLE_USER = 0x67;

    @Needs(format = "flat-home", grantee = "names-entries")
    @Clause(
            id = "XSA-232",
            promise = "Flushing a frame whose owner has no grant table is refused.",
            source = "XSA-232, CVE-2017-14318; XTF xsa-232")
    void ownerWithoutTable(World world) {
        for (int op : new int[] {CLEAN, CLEAN | INVAL}) {
            Expect.rc(-Errno.EPERM, world.grantee().call(new CacheFlushCall(FIRMWARE, 0, LINE, op)));
        }
        long own = Page.address(world.grantee().machineFrame(0));
        Expect.rc(0, world.grantee().call(new CacheFlushCall(own, 0, LINE, CLEAN)));
    }

    @Needs(format = "flat-home", grantee = "names-entries")
    @Clause(
            id = "XSA-520",
            promise = "However often the flush of a frame is refused, it is held by nobody more than before.",
            source = "XSA-520, CVE-2026-102700")
    void refusedFlushes(World world) {
        FrameTable frames = world.machine().frames();
        long others = world.granter().machineFrame(0);
        long references = frames.references(Page.frame(FIRMWARE));
        long ofOthers = frames.references(others);
        for (int n = 0; n < TIMES; n++) {
            Expect.rc(-Errno.EPERM, world.grantee().call(new CacheFlushCall(FIRMWARE, 0, LINE, CLEAN)));
            Expect.rc(-Errno.EINVAL, world.grantee().call(new CacheFlushCall(Page.address(others), 0, LINE, CLEAN)));
        }
        Expect.equal("references of the firmware's frame", references, frames.references(Page.frame(FIRMWARE)));
        Expect.equal("references of another's frame", ofOthers, frames.references(others));
    }

    @Needs(
            grantee = "typed-frames",
            iommu = {"confined-devices", "bus-is-machine"})
    @Clause(
            id = "XSA-288",
            promise =
                    "A device does not write to a page of its domain that has become a page table, though it was writing to it just"
                            + " before.",
            source = "XSA-288, CVE-2019-17343")
    void pageTableInReach(World world) {
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        PartyDevice device = grantee.device(0);
        long mfn = grantee.machineFrame(5);
        Expect.rc(0, grantee.updateEntry(grantee.page(5), 0));
        device.write(Page.address(mfn), 0);
        UnderWay.isWaitedFor(
                grantee,
                device,
                Page.address(mfn),
                () -> Expect.holds("it becomes a page table", frames.getType(mfn, FrameTable.TYPE_L1)),
                () -> {});
        Expect.different("fault of a write", 0, device.tryWrite(Page.address(mfn), PRESENT_WRITABLE_USER));
        Expect.equal("the page table", UnderWay.VALUE, world.machine().memory().load64(Page.address(mfn)));
        frames.putType(mfn);
    }

    @Needs(format = "flat-home", grantee = "typed-frames")
    @Clause(
            id = "XSA-402",
            promise =
                    "No guest gets a page cached in a way of its own, neither by an entry that it writes nor by a grant.",
            source = "XSA-402, CVE-2022-26363, CVE-2022-26364")
    void cacheAttributes(World world) {
        Party grantee = world.grantee();
        long own = Page.address(grantee.machineFrame(5)) | PRESENT_WRITABLE_USER;
        for (long attribute : new long[] {0x08, 0x10, 0x80, CACHE_ATTRIBUTES}) {
            Expect.different("result of the update", 0, grantee.updateEntry(grantee.slot(0), own | attribute));
        }
        Sight.nothing(grantee, grantee.slot(0));
        long ref = world.grant(0, Access.READ | Access.WRITE);
        world.granter().entry(ref).set("flags", Gtf.PERMIT_ACCESS | Gtf.PWT | Gtf.PCD | Gtf.PAT);
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
        Expect.okay(mapped);
        long entry =
                world.machine().memory().load64(grantee.domain().addressSpace().entryAddress(grantee.slot(0)));
        Expect.bits("the entry of the mapping", CACHE_ATTRIBUTES, 0, entry);
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
    }
}
