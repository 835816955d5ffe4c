package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;

/** Pins: how often, and by whom, one reference may be in use. */
@Needs(format = {"flat-home", "in-use-bits"})
public final class PinClauses implements ClauseFamily {
    private static final int MOST = 128;
    private static final int HOST_RO = Gntmap.HOST_MAP | Gntmap.READONLY;
    private static final int DEVICE_RO = Gntmap.DEVICE_MAP | Gntmap.READONLY;

    /** For ServiceLoader. */
    public PinClauses() {}

    @Override
    public String prefix() {
        return "PIN";
    }

    @Override
    public String title() {
        return "Pins of references";
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "PIN-01",
            promise = "A reference has 128 uses of a kind; the next is refused and changes nothing.",
            source = "xen-semantics.md, 3.2; 12.7")
    void mostUses(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        long before = world.references(0);
        world.step("the grantee maps p0 128 times");
        int last = saturate(grantee, ref, HOST_RO);
        Expect.equal("references on p0", before + MOST, world.references(0));
        world.step("once more");
        Expect.status(Status.GENERAL_ERROR, map(grantee, ref, MOST, HOST_RO));
        Expect.equal("references on p0", before + MOST, world.references(0));
        flags(world, Gtf.PERMIT_ACCESS | Gtf.READONLY | Gtf.READING);
        world.step("one goes, one comes");
        Expect.okay(unmap(grantee, last, MOST - 1));
        Expect.okay(map(grantee, ref, MOST, HOST_RO));
        Expect.status(Status.GENERAL_ERROR, map(grantee, ref, MOST - 1, HOST_RO));
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "PIN-02",
            promise = "Readers and writers are counted apart: 128 of one leave room for 128 of the other.",
            source = "xen-semantics.md, 3.2")
    void kinds(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        long before = world.references(0);
        world.step("128 readers, then 128 writers");
        saturate(grantee, ref, HOST_RO);
        for (int n = MOST; n < 2 * MOST; n++) {
            Expect.okay(map(grantee, ref, n, Gntmap.HOST_MAP));
        }
        Expect.equal("references on p0", before + 2 * MOST, world.references(0));
        Expect.status(Status.GENERAL_ERROR, map(grantee, ref, 2 * MOST, Gntmap.HOST_MAP));
        flags(world, Gtf.PERMIT_ACCESS | Gtf.READING | Gtf.WRITING);
    }

    @Clause(
            id = "PIN-03",
            promise = "A copy needs a free pin of its kind: refused beside 128 readers when it reads, not when it"
                    + " writes.",
            source = "xen-semantics.md, 3.2 (copies count as host-ro / host-rw)")
    void copiesCount(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        world.step("128 readers");
        saturate(grantee, ref, HOST_RO);
        long held = world.references(0);
        CopyCall.End page = CopyCall.own(grantee.pageFrame(1), 0);
        CopyCall.End grant = CopyCall.of(World.GRANTER, ref, 0);
        world.step("copies out and in");
        Expect.status(Status.GENERAL_ERROR, grantee.call(CopyCall.from(grant, page, 8)));
        Expect.okay(grantee.call(CopyCall.to(page, grant, 8)));
        flags(world, Gtf.PERMIT_ACCESS | Gtf.READING);
        Expect.equal("references on p0", held, world.references(0));
    }

    @Needs(grantee = "device-mappings")
    @Clause(
            id = "PIN-04",
            promise = "Uses by devices are counted apart from those by CPUs, and a use of both needs both.",
            source = "xen-semantics.md, 3.2")
    void devices(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        world.step("128 device readers");
        saturate(grantee, ref, DEVICE_RO);
        long held = world.references(0);
        Expect.status(Status.GENERAL_ERROR, map(grantee, ref, 0, DEVICE_RO));
        Expect.status(Status.GENERAL_ERROR, map(grantee, ref, 0, DEVICE_RO | Gntmap.HOST_MAP));
        Expect.equal("references on p0", held, world.references(0));
        world.step("the CPU may still read, 128 times");
        saturate(grantee, ref, HOST_RO);
        Expect.status(Status.GENERAL_ERROR, map(grantee, ref, MOST, HOST_RO));
    }

    @Clause(
            id = "PIN-05",
            promise =
                    "A pinned reference serves one domain: another gets GNTST_general_error, though the entry names it"
                            + " now, until the last pin is gone.",
            source = "xen-semantics.md, 3.2, 11.2")
    void oneGrantee(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        long ref = world.grant(0, Access.READ);
        Mapped mapped = map(grantee, ref, 0, HOST_RO);
        Expect.okay(mapped);
        world.step("the granter names the third party instead");
        world.granter().entry(ref).set("domid", World.THIRD);
        Expect.status(Status.GENERAL_ERROR, map(third, ref, 0, HOST_RO));
        Expect.status(Status.GENERAL_ERROR, copyOut(third, ref));
        Mapped again = map(grantee, ref, 1, HOST_RO);
        Expect.okay(again);
        world.step("the grantee lets go");
        Expect.okay(unmap(grantee, mapped.handle(), 0));
        Expect.status(Status.GENERAL_ERROR, map(third, ref, 0, HOST_RO));
        Expect.okay(unmap(grantee, again.handle(), 1));
        Expect.status(Status.GENERAL_ERROR, map(grantee, ref, 0, HOST_RO));
        Expect.okay(map(third, ref, 0, HOST_RO));
    }

    @Clause(
            id = "PIN-06",
            promise = "GTF_writing goes with the last writer, GTF_reading with the last use of any kind.",
            source = "xen-semantics.md, 3.5")
    void lastOfItsKind(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        world.step("two writers and a reader");
        Mapped writer = map(grantee, ref, 0, Gntmap.HOST_MAP);
        Mapped second = map(grantee, ref, 1, Gntmap.HOST_MAP);
        Mapped reader = map(grantee, ref, 2, HOST_RO);
        world.step("they go, writers first");
        Expect.okay(unmap(grantee, writer.handle(), 0));
        flags(world, Gtf.PERMIT_ACCESS | Gtf.READING | Gtf.WRITING);
        Expect.okay(unmap(grantee, second.handle(), 1));
        flags(world, Gtf.PERMIT_ACCESS | Gtf.READING);
        Expect.okay(unmap(grantee, reader.handle(), 2));
        flags(world, Gtf.PERMIT_ACCESS);
    }

    @Needs(grantee = "device-mappings")
    @Clause(
            id = "PIN-07",
            promise = "A copy leaves GTF_reading and GTF_writing to the device that still has the page.",
            source = "xen-semantics.md, 8.1 row 15 (XSA-230)")
    void copyBesideDevice(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        Mapped device = map(grantee, ref, 0, Gntmap.DEVICE_MAP);
        Expect.okay(device);
        world.step("copies out and in");
        CopyCall.End page = CopyCall.own(grantee.pageFrame(1), 0);
        CopyCall.End grant = CopyCall.of(World.GRANTER, ref, 0);
        Expect.okay(copyOut(grantee, ref));
        Expect.okay(grantee.call(CopyCall.to(page, grant, 8)));
        flags(world, Gtf.PERMIT_ACCESS | Gtf.READING | Gtf.WRITING);
        world.step("the device goes");
        Expect.okay(grantee.call(UnmapCall.of(device.handle()).device(device.deviceAddress())));
        flags(world, Gtf.PERMIT_ACCESS);
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "PIN-08",
            promise = "A map that fails at its address gives back pin, bits and references, whatever else is mapped.",
            source = "xen-semantics.md, 2.1 (failure at 11..14), 11.1 number 5")
    void failureLeavesNothing(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        long before = world.references(0);
        MapCall nowhere = MapCall.of(World.GRANTER, ref).at(1L << 50);
        world.step("a first use fails");
        Expect.status(Status.GENERAL_ERROR, grantee.call(nowhere));
        flags(world, Gtf.PERMIT_ACCESS);
        Expect.equal("references on p0", before, world.references(0));
        world.step("a writer fails beside a reader");
        Expect.okay(map(grantee, ref, 0, HOST_RO));
        Expect.status(Status.GENERAL_ERROR, grantee.call(nowhere));
        flags(world, Gtf.PERMIT_ACCESS | Gtf.READING);
        Expect.equal("references on p0", before + 1, world.references(0));
    }

    @Clause(
            id = "PIN-09",
            promise = "While a page is in use and the entry names another, a copy that would be the first to write is"
                    + " refused; neither page gains or loses a reference.",
            source = "xen-semantics.md, 2.7.4 row 6; 8.1 row 35 (XSA-500)")
    void otherFrameMeanwhile(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        Expect.okay(map(grantee, ref, 0, HOST_RO));
        Ledger ledger = Ledger.of(world, granter, grantee);
        granter.store(granter.page(1), 42);
        world.step("the granter names p1 instead, then a page that does not exist");
        CopyCall copy =
                CopyCall.to(CopyCall.own(grantee.pageFrame(1), 0), CopyCall.of(World.GRANTER, ref, 0), Long.BYTES);
        granter.entry(ref).set("frame", granter.pageFrame(1));
        Expect.status(Status.GENERAL_ERROR, grantee.call(copy));
        granter.entry(ref).set("frame", 0x7fff_ffff);
        Expect.status(Status.BAD_PAGE, grantee.call(copy));
        Expect.okay(copyOut(grantee, ref));
        ledger.check();
        flags(world, Gtf.PERMIT_ACCESS | Gtf.READING);
        Expect.equal("the page that was named", 42L, granter.load(granter.page(1)));
    }

    private static void flags(World world, int expected) {
        Expect.equal(
                "flags and marks",
                expected,
                world.granter().entry(World.FIRST_INDEX).flags());
    }

    private static int saturate(Party grantee, long ref, int flags) {
        Mapped mapped = null;
        for (int n = 0; n < MOST; n++) {
            mapped = map(grantee, ref, n, flags);
            Expect.okay(mapped);
        }
        return mapped == null ? -1 : mapped.handle();
    }

    private static Mapped map(Party grantee, long ref, int place, int flags) {
        return grantee.call(
                MapCall.of(World.GRANTER, ref).at(address(grantee, place)).flags(flags));
    }

    private static Answer unmap(Party grantee, int handle, int place) {
        return grantee.call(UnmapCall.of(handle).at(address(grantee, place)));
    }

    private static Answer copyOut(Party grantee, long ref) {
        return grantee.call(
                CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), CopyCall.own(grantee.pageFrame(1), 0), Long.BYTES));
    }

    /** The page table of the slots has room for more than 64. */
    private static long address(Party grantee, int place) {
        return grantee.slot(0) + Page.address(place);
    }
}
