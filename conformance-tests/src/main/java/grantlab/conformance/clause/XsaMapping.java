package grantlab.conformance.clause;

import static grantlab.api.abi.Gntmap.CONTAINS_PTE;
import static grantlab.api.abi.Gntmap.DEVICE_MAP;
import static grantlab.api.abi.Gntmap.HOST_MAP;
import static grantlab.api.abi.Gntmap.READONLY;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.V3Map;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.Reachability;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Advisories about mapping, unmapping and handles. */
final class XsaMapping {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long INDEX = World.FIRST_INDEX;
    private static final int ROUNDS = 40;
    private static final int TIMES = 300;
    private static final int MOST_HANDLES = 255;
    private static final int USES_OF_A_KIND = 128;
    private static final long SECRET = 0x5ec2_e75e_c2e7_5ec2L;
    private static final long PRESENT_USER_ACCESSED = 0x65;
    private static final long WRITABLE = 2;

    @Needs(format = "flat-home")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "XSA-218",
            promise =
                    "Two CPUs that unmap one handle at once undo it once: one is answered 0, the other GNTST_bad_handle, and no"
                            + " reference is dropped twice.",
            source = "XSA-218, CVE-2017-10913, CVE-2017-10914")
    void oneHandleTwice(World world) {
        Party grantee = Traffic.twoCpus(world);
        Cpu[] cpus = Traffic.cpus(world, grantee);
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        Driver.Handle other =
                Driver.hold(grantee, MapCall.of(World.GRANTER, ref).at(grantee.slot(1)));
        int[] statuses = new int[2];
        Race.rounds(ROUNDS, round -> {
            Mapped mapped = cpus[0].call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
            Expect.okay(mapped);
            UnmapCall unmap = UnmapCall.of(mapped.handle()).at(grantee.slot(0));
            Race.run(
                    () -> statuses[0] = cpus[0].call(unmap).status(),
                    () -> statuses[1] = cpus[1].call(unmap).status());
            Expect.equal("both statuses", Set.of(Status.OKAY, Status.BAD_HANDLE), Set.of(statuses[0], statuses[1]));
            Expect.holds(
                    "the entry is in use by the other mapping", world.table().inUse(INDEX));
        });
        other.letGo();
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Needs(format = "flat-home", grantee = "device-mappings")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "XSA-224",
            promise =
                    "However the halves of a mapping are asked for and undone, with addresses of 0 and wrong ones between, each"
                            + " gives back what it took, and no half comes unasked.",
            source = "XSA-224, CVE-2017-10920 to CVE-2017-10922; XTF xsa-224")
    void halves(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        for (int parts : new int[] {DEVICE_MAP, HOST_MAP, DEVICE_MAP | HOST_MAP}) {
            for (int right : new int[] {0, READONLY}) {
                for (boolean hostFirst : new boolean[] {true, false}) {
                    Mapped mapped = grantee.call(
                            MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).flags(parts | right));
                    Expect.okay(mapped);
                    if ((parts & HOST_MAP) == 0) {
                        Sight.nothing(grantee, grantee.slot(0));
                    }
                    undo(grantee, mapped, hostFirst);
                    ledger.check();
                    Expect.holdsNot("the entry is in use", world.table().inUse(INDEX));
                }
            }
        }
    }

    private static void undo(Party grantee, Mapped mapped, boolean hostFirst) {
        UnmapCall nothing = UnmapCall.of(mapped.handle());
        UnmapCall host = nothing.at(grantee.slot(0));
        UnmapCall device = nothing.device(mapped.deviceAddress());
        Expect.okay(grantee.call(nothing));
        UnmapCall wrong = nothing.device(mapped.deviceAddress() + Page.SIZE);
        grantee.call(wrong);
        grantee.call(hostFirst ? host : device);
        grantee.call(hostFirst ? device : host);
        Expect.status(Status.BAD_HANDLE, grantee.call(host));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "XSA-227",
            promise =
                    "The address of a page-table entry that is none, because it lies between two, maps nothing and changes neither.",
            source = "XSA-227, CVE-2017-12137; XTF xsa-227")
    void betweenEntries(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        long entry = grantee.domain().addressSpace().entryAddress(grantee.slot(0));
        boolean tree = world.combination().format().declares(Capability.GUEST_HOME);
        for (int beside = 1; beside < Long.BYTES; beside++) {
            if (tree) {
                Expect.status(
                        Status.INVAL,
                        grantee.call(new TreeDriver(grantee)
                                .mapping(ref, 0)
                                .and(V3Map.WRITE)
                                .with(V3Map.DEST, entry + beside)));
            } else {
                Expect.status(
                        Status.GENERAL_ERROR,
                        grantee.call(MapCall.of(World.GRANTER, ref)
                                .at(entry + beside)
                                .flags(HOST_MAP | CONTAINS_PTE)));
            }
            Expect.equal("the entry", 0, world.machine().memory().load64(entry));
            Expect.equal("the next", 0, world.machine().memory().load64(entry + Long.BYTES));
        }
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-228",
            promise = "CPUs that take handles where there are too few never get one that another has.",
            source = "XSA-228, CVE-2017-12136")
    void handlesGivenTwice(World world) {
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2).withGrantLimits(-1, 1, 2));
        Cpu[] cpus = Traffic.cpus(world, grantee);
        long[] refs = {world.grant(0, Access.READ), world.grant(1, Access.READ)};
        AtomicIntegerArray holders = new AtomicIntegerArray(256);
        Race.run(
                () -> Traffic.takeAndGive(cpus[0], refs[0], grantee.slot(0), holders),
                () -> Traffic.takeAndGive(cpus[1], refs[1], grantee.slot(0) + Page.address(130), holders));
        Expect.holds("the first entry can be ended", world.table().end(INDEX));
        Expect.holds("the second entry can be ended", world.table().end(INDEX + 1));
    }

    @Needs(
            format = {"flat-home", "in-use-bits"},
            grantee = "device-mappings")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "XSA-230",
            promise = "While a device has a page mapped, copies through the same reference leave both marks.",
            source = "XSA-230, CVE-2017-12855")
    void copyBesideDevice(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Mapped mapped =
                grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).flags(DEVICE_MAP));
        Expect.okay(mapped);
        CopyCall.End there = CopyCall.of(World.GRANTER, ref, 0);
        CopyCall.End here = CopyCall.own(grantee.pageFrame(0), 0);
        for (CopyCall copy : new CopyCall[] {CopyCall.from(there, here, 8), CopyCall.to(here, there, 8)}) {
            Expect.okay(grantee.call(copy));
            Expect.bits(
                    "marks",
                    Gtf.READING | Gtf.WRITING,
                    Gtf.READING | Gtf.WRITING,
                    world.granter().entry(ref).flags());
        }
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).device(mapped.deviceAddress())));
        Expect.bits(
                "marks",
                Gtf.READING | Gtf.WRITING,
                0,
                world.granter().entry(ref).flags());
    }

    @Needs(format = "flat-home", grantee = "names-entries")
    @BothTables
    @Clause(
            id = "XSA-234",
            promise =
                    "An unmap is refused while the page-table entry has another right than its handle, and drops nothing.",
            source = "XSA-234, CVE-2017-14319; XTF xsa-234")
    void rightOfTheEntry(World world) {
        Party grantee = world.grantee();
        grantee.entry(INDEX)
                .set("domid", World.GRANTEE)
                .set("frame", grantee.pageFrame(5))
                .set("flags", Gtf.PERMIT_ACCESS);
        Ledger ledger = Ledger.beforeAnyTable(world, grantee);
        long readOnly = Page.address(grantee.machineFrame(5)) | PRESENT_USER_ACCESSED;
        for (boolean writes : new boolean[] {true, false}) {
            MapCall call = MapCall.of(World.GRANTEE, INDEX).at(grantee.slot(0));
            Mapped mapped = grantee.call(writes ? call : call.readonly());
            Expect.okay(mapped);
            UnmapCall unmap = UnmapCall.of(mapped.handle()).at(grantee.slot(0));
            Expect.rc(0, grantee.updateEntry(grantee.slot(0), writes ? readOnly : readOnly | WRITABLE));
            Expect.status(Status.GENERAL_ERROR, grantee.call(unmap));
            Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
            Expect.status(Status.GENERAL_ERROR, grantee.call(unmap));
            Expect.rc(0, grantee.updateEntry(grantee.slot(0), writes ? readOnly | WRITABLE : readOnly));
            Expect.okay(grantee.call(unmap));
            ledger.check();
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-236",
            promise =
                    "Maps that fail while a copy goes through the same reference and the granter dies: nobody takes a pin for a"
                            + " page that is there, and all is free at the end.",
            source = "XSA-236, CVE-2017-15597")
    void pinsAreNoProof(World world) {
        Party grantee = Traffic.twoCpus(world);
        Cpu[] cpus = Traffic.cpus(world, grantee);
        long ref = world.grant(0, READ_WRITE);
        MapCall nowhere = MapCall.of(World.GRANTER, ref).at(1L << 50);
        CopyCall copy = CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), CopyCall.own(grantee.pageFrame(1), 0), 8);
        AtomicBoolean gone = new AtomicBoolean();
        Race.run(
                () -> {
                    while (!gone.get()) {
                        int status = cpus[0].call(nowhere).status();
                        expectOneOf(Set.of(Status.GENERAL_ERROR, Status.BAD_PAGE, Status.BAD_DOMAIN), status);
                    }
                },
                () -> {
                    while (!gone.get()) {
                        expectOneOf(
                                Set.of(Status.OKAY, Status.BAD_PAGE, Status.BAD_DOMAIN),
                                cpus[1].call(copy).status());
                    }
                },
                () -> {
                    try {
                        Traffic.pause(TIMES);
                        Expect.rc(0, world.machine().destroyDomain(World.GRANTER));
                    } finally {
                        gone.set(true);
                    }
                });
        Expect.different(
                "result of domaininfo",
                0,
                world.machine().domainInfo(World.GRANTER).rc());
    }

    private static void expectOneOf(Set<Integer> allowed, int got) {
        Expect.holds("one of " + allowed + ": " + got, allowed.contains(got));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-295",
            promise =
                    "A granter that hammers at an entry holds up no map: it works or is refused, and nothing is gained or lost.",
            source = "XSA-295, CVE-2019-17349, CVE-2019-17350")
    void hammeredEntry(World world) {
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        TableEntry entry = world.granter().entry(ref);
        Driver driver = new Driver(world.grantee());
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    for (int n = 0; !over.get(); n++) {
                        entry.set("flags", Gtf.PERMIT_ACCESS | ((n % 64) << 9));
                    }
                },
                () -> {
                    try {
                        for (int n = 0; n < TIMES; n++) {
                            MappedGrant mapped = new MappedGrant();
                            int status = driver.tryMap(ref, 0, READ_WRITE, mapped);
                            expectOneOf(Set.of(Status.OKAY, Status.GENERAL_ERROR), status);
                            if (status == Status.OKAY) {
                                driver.unmap(mapped);
                            }
                        }
                    } finally {
                        over.set(true);
                    }
                });
        entry.set("flags", Gtf.PERMIT_ACCESS);
        ledger.check();
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-316",
            promise =
                    "A map by a domain that the entry does not name is answered GNTST_general_error, and never by a number above 0"
                            + " that looks like success.",
            source = "XSA-316, CVE-2020-11743; XTF xsa-316")
    void neverPositive(World world) {
        long ref = world.grant(0, READ_WRITE);
        Party stranger = world.third();
        for (int flags : new int[] {HOST_MAP, HOST_MAP | READONLY}) {
            Mapped mapped = stranger.call(
                    MapCall.of(World.GRANTER, ref).at(stranger.slot(0)).flags(flags));
            Expect.status(Status.GENERAL_ERROR, mapped);
            Sight.nothing(stranger, stranger.slot(0));
        }
        Expect.holdsNot("the entry is in use", world.table().inUse(INDEX));
    }

    @Needs(format = "flat-home")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "XSA-380",
            promise =
                    "A table of handles that is full to the last one is emptied in any order, filled again, and taken down with"
                            + " its domain; each mapping is accounted for once.",
            source = "XSA-380, CVE-2021-28698")
    void fullOfHandles(World world) {
        Party grantee = Rebuilt.granteeWithHandleFrames(world, 1);
        long[] refs = {world.grant(0, READ_WRITE), world.grant(1, READ_WRITE)};
        Ledger ledger = Ledger.of(world, world.granter());
        int[] handles = fill(grantee, refs);
        for (int n = MOST_HANDLES - 1; n >= 0; n -= 2) {
            Expect.okay(grantee.call(UnmapCall.of(handles[n]).at(place(grantee, n))));
        }
        for (int n = 1; n < MOST_HANDLES; n += 2) {
            Expect.okay(grantee.call(UnmapCall.of(handles[n]).at(place(grantee, n))));
        }
        ledger.check();
        fill(grantee, refs);
        world.destroy(grantee);
        ledger.check();
        Expect.holds("the first entry can be ended", world.table().end(INDEX));
        Expect.holds("the second entry can be ended", world.table().end(INDEX + 1));
    }

    private static int[] fill(Party grantee, long[] refs) {
        int[] handles = new int[MOST_HANDLES];
        for (int n = 0; n < MOST_HANDLES; n++) {
            Mapped mapped = grantee.call(
                    MapCall.of(World.GRANTER, refs[n / USES_OF_A_KIND]).at(place(grantee, n)));
            Expect.okay(mapped);
            handles[n] = mapped.handle();
        }
        Expect.status(
                Status.NO_SPACE, grantee.call(MapCall.of(World.GRANTER, refs[1]).at(place(grantee, MOST_HANDLES))));
        return handles;
    }

    /** The page table of the slots has room for more than 64. */
    private static long place(Party grantee, int n) {
        return grantee.slot(0) + Page.address(n);
    }

    @Needs(format = "flat-home")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "XSA-394",
            promise =
                    "Unmaps that undo nothing count nothing down: however many there were, devices reach the page until the"
                            + " handle goes, and the real unmap works once.",
            source = "XSA-394, CVE-2022-23034")
    void unmapsOfNothing(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
        Expect.okay(mapped);
        UnmapCall nothing = UnmapCall.of(mapped.handle());
        for (int n = 0; n < ROUNDS; n++) {
            Expect.okay(grantee.call(nothing));
        }
        grantee.store(grantee.slot(0), SECRET);
        if (grantee.ownsDevices()) {
            long address = grantee.translated() ? grantee.slot(0) : mapped.deviceAddress();
            Expect.equal("what the device reads", SECRET, grantee.device(0).read(address));
        }
        Expect.okay(grantee.call(nothing.at(grantee.slot(0))));
        Expect.status(Status.BAD_HANDLE, grantee.call(nothing));
        Reachability.expectPrivate(world, World.GRANTER, world.granter().machineFrame(0));
        ledger.check();
    }
}
