package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.AddToPhysmapCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.RemoveFromPhysmapCall;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SetupTableCall;
import java.util.List;

/** Advisories about guest-physical maps: what stands in them, what goes, and what is found afterwards. */
final class XsaPhysmap {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int ROUNDS = 30;
    private static final int HOLE = 300;
    private static final int MANY = 60;

    private static long machineFrame(Party party, long gfn) {
        return party.domain().physicalMap().machineFrame(gfn);
    }

    @Needs(granter = "translated")
    @Clause(
            id = "XSA-222",
            promise =
                    "A page that leaves the middle of a block is out of the map before it can be free, and is not free while"
                            + " somebody has it mapped.",
            source = "XSA-222, CVE-2017-10918")
    void outOfABlock(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        long block = granter.kernel().allocatePages(Page.ORDER_2M);
        long gfn = Page.frame(block) + HOLE;
        long mfn = machineFrame(granter, gfn);
        granter.store(Page.address(gfn), 5);
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, gfn, Page.ORDER_4K, READ_WRITE);
        DmaMapping mapping = DmaMapping.of(world, world.table().reference(World.FIRST_INDEX), 0, READ_WRITE);
        Expect.rc(1, granter.call(ReservationCall.decrease(gfn)).rc());
        Sight.nothing(granter, Page.address(gfn));
        Expect.equal("ways of its own", List.of(), Reachability.in(world).ways(granter.domain(), mfn));
        Expect.equal("owner", World.GRANTER, frames.owner(mfn));
        Sight.value(world.grantee(), world.grantee().slot(0), 5);
        for (long neighbour : new long[] {gfn - 1, gfn + 1}) {
            granter.store(Page.address(neighbour), 6);
            Sight.value(granter, Page.address(neighbour), 6);
        }
        mapping.undo();
        Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(mfn));
        Expect.equal("ways", List.of(), Reachability.in(world).waysOfOthers(FrameTable.NO_OWNER, mfn));
    }

    @Needs(format = "flat-home", granter = "translated")
    @Clause(
            id = "XSA-235",
            promise = "After frames of a table could not be placed nobody waits for the table.",
            source = "XSA-235, CVE-2017-15596 (on Arm)")
    void failedPlacing(World world) {
        Party granter = world.granter();
        long ref = world.grant(0, READ_WRITE);
        long free = Page.frame(granter.slot(9));
        for (AddToPhysmapCall call : new AddToPhysmapCall[] {
            AddToPhysmapCall.sharedFrame(9999, free),
            AddToPhysmapCall.sharedFrame(-1, free),
            AddToPhysmapCall.statusFrame(9999, free),
            AddToPhysmapCall.sharedFrame(0, -1),
            AddToPhysmapCall.sharedFrame(1, 1L << 50)
        }) {
            Expect.holds("refused", granter.call(call) < 0);
        }
        Expect.okay(granter.call(SetupTableCall.own(3)));
        new Driver(world.grantee()).unmap(new Driver(world.grantee()).map(ref, 0, READ_WRITE));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        OwnFrames.shared(granter, 1, 9);
    }

    @Needs(grantee = "translated")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "XSA-378",
            promise = "Where a grant is mapped nothing else is put, and from there nothing is taken, but by an unmap.",
            source = "XSA-378, CVE-2021-28694 to CVE-2021-28696; xen-semantics.md, 6.4")
    void placeOfAGrant(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        DmaMapping mapping = DmaMapping.of(world, ref, 0, READ_WRITE);
        long gfn = Page.frame(grantee.slot(0));
        long entry = grantee.domain().physicalMap().entry(gfn);
        long references = world.references(0);
        Expect.rc(0, grantee.call(ReservationCall.decrease(gfn)).rc());
        Expect.rc(-Errno.ENOENT, grantee.call(new RemoveFromPhysmapCall(gfn)));
        Expect.rc(-Errno.ENXIO, grantee.call(AddToPhysmapCall.sharedFrame(0, gfn)));
        Expect.equal("the entry", entry, grantee.domain().physicalMap().entry(gfn));
        Expect.equal("references", references, world.references(0));
        world.step("the grantee maps over it, for which Xen crashes it");
        if (world.combination().format().declares("guest-home")) {
            Expect.status(Status.GENERAL_ERROR, new TreeDriver(grantee).map(ref, 0, 0));
            Expect.equal("the entry", entry, grantee.domain().physicalMap().entry(gfn));
            mapping.undo();
        } else {
            MapCall again = MapCall.of(World.GRANTER, ref).at(grantee.slot(0));
            Expect.crashed(grantee.call(again).rc());
            Expect.holds("the grantee crashed", grantee.domain().crashed());
            Expect.equal("the entry", entry, grantee.domain().physicalMap().entry(gfn));
            world.destroy(grantee);
        }
        Expect.equal("references", references - 1, world.references(0));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(
            format = {"flat-home", "layout-v2"},
            granter = "translated")
    @Clause(
            id = "XSA-379",
            promise =
                    "Two CPUs that place one status frame at two numbers leave it at one, so that it goes with the version.",
            source = "XSA-379, CVE-2021-28697")
    void placedTwice(World world) {
        Party granter = Rebuilt.granter(world, config -> config.withVcpus(2));
        Cpu[] cpus = Traffic.cpus(world, granter);
        FrameTable frames = world.machine().frames();
        Race.rounds(ROUNDS, round -> {
            long status = granter.domain().tableFrames().statusFrame(0);
            Race.run(
                    () -> cpus[0].call(AddToPhysmapCall.statusFrame(0, Page.frame(granter.slot(9)))),
                    () -> cpus[1].call(AddToPhysmapCall.statusFrame(0, Page.frame(granter.slot(10)))));
            Expect.equal(
                    "places of the status frame",
                    1,
                    Reachability.in(world).ways(granter.domain(), status).size());
            Expect.rc(0, granter.call(new SetVersionCall(1)).rc());
            Expect.equal("ways to it", List.of(), Reachability.in(world).ways(granter.domain(), status));
            Expect.equal("owner of the former status frame", FrameTable.NO_OWNER, frames.owner(status));
            Expect.rc(0, granter.call(new SetVersionCall(2)).rc());
        });
    }

    @Needs(
            format = {"flat-home", "layout-v2"},
            granter = "translated")
    @Clause(
            id = "XSA-384",
            promise = "A status frame that is placed while it goes is not in the map when it is gone.",
            source = "XSA-384, CVE-2021-28701")
    void placedWhileItGoes(World world) {
        placedWhileItGoes(
                world, (cpu, granter) -> cpu.call(AddToPhysmapCall.statusFrame(0, Page.frame(granter.slot(9)))));
    }

    @Needs(
            format = {"flat-home", "layout-v2"},
            granter = "translated")
    @Clause(
            id = "XSA-486",
            promise = "Nor is it when it is moved about, removed and placed again meanwhile.",
            source = "XSA-486, CVE-2026-23558")
    void movedWhileItGoes(World world) {
        placedWhileItGoes(world, (cpu, granter) -> {
            cpu.call(AddToPhysmapCall.statusFrame(0, Page.frame(granter.slot(9))));
            cpu.call(AddToPhysmapCall.sharedFrame(0, Page.frame(granter.slot(9))));
            cpu.call(AddToPhysmapCall.statusFrame(0, Page.frame(granter.slot(10))));
            cpu.call(new RemoveFromPhysmapCall(Page.frame(granter.slot(10))));
            cpu.call(AddToPhysmapCall.statusFrame(0, Page.frame(granter.slot(9))));
        });
    }

    /** What one CPU does while the other changes the version. */
    @FunctionalInterface
    private interface Placing {
        void make(Cpu cpu, Party granter);
    }

    private static void placedWhileItGoes(World world, Placing placing) {
        Party granter = Rebuilt.granter(world, config -> config.withVcpus(2));
        Cpu[] cpus = Traffic.cpus(world, granter);
        for (int round = 0; round < ROUNDS && granter.domain().running(); round++) {
            long status = granter.domain().tableFrames().statusFrame(0);
            Race.run(
                    () -> untilCrashed(granter, () -> placing.make(cpus[0], granter)),
                    () -> untilCrashed(granter, () -> cpus[1].call(new SetVersionCall(1))));
            boolean gone = granter.domain().tableFrames().statusCount() == 0;
            Expect.holds(
                    "it is gone, or the domain crashed",
                    gone || granter.domain().crashed());
            if (gone) {
                Expect.equal("ways to it", List.of(), Reachability.in(world).ways(granter.domain(), status));
                Expect.holdsNot(
                        "it is a frame of the table", world.machine().frames().isShared(status));
                Expect.rc(0, granter.call(new SetVersionCall(2)).rc());
            }
        }
        world.machine().checkInvariants();
    }

    /** A crashed domain cannot even read what it was answered. */
    private static void untilCrashed(Party party, Runnable work) {
        try {
            work.run();
        } catch (IllegalStateException e) {
            if (party.domain().running()) {
                throw e;
            }
        }
    }

    @Needs(format = "flat-home", granteeFormat = "flat-home", grantee = "translated")
    @BothTables
    @Clause(
            id = "XSA-389",
            promise =
                    "A map of an own page that fails half way, when the page has left its old number, leaves no number that leads to"
                            + " it and none that it is said to have.",
            source = "XSA-389, CVE-2021-28705, CVE-2021-28709")
    void halfWay(World world) {
        Party grantee = world.grantee();
        long mfn = grantee.machineFrame(5);
        grantee.entry(World.FIRST_INDEX)
                .set("domid", World.GRANTEE)
                .set("frame", grantee.pageFrame(5))
                .set("flags", Gtf.PERMIT_ACCESS);
        Expect.status(
                Status.GENERAL_ERROR,
                grantee.call(MapCall.of(World.GRANTEE, World.FIRST_INDEX).at(1L << 50)));
        long said = world.machine().frames().machineToPhysical(mfn);
        Expect.equal("the number that it is said to have", FrameTable.NONE, said);
        Expect.equal("ways to it", List.of(), Reachability.in(world).ways(grantee.domain(), mfn));
        Expect.equal("references", 1, world.machine().frames().references(mfn));
        Expect.status(
                Status.BAD_PAGE,
                grantee.call(MapCall.of(World.GRANTEE, World.FIRST_INDEX).at(grantee.slot(0))));
    }

    @Needs(grantee = "translated")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "XSA-393",
            promise = "What is removed from a map is gone, for CPUs that remember it too, before the page is free.",
            source = "XSA-393, CVE-2022-23033 (on Arm)")
    void removedForGood(World world) {
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        for (int page = 0; page < MANY; page++) {
            grantee.store(grantee.page(page), page);
        }
        for (int page = 0; page < MANY; page++) {
            long mfn = grantee.machineFrame(page);
            Expect.rc(
                    1,
                    grantee.call(ReservationCall.decrease(grantee.pageFrame(page)))
                            .rc());
            Sight.nothing(grantee, grantee.page(page));
            Expect.equal("ways to it", List.of(), Reachability.in(world).ways(grantee.domain(), mfn));
            Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(mfn));
        }
        long table = OwnFrames.shared(grantee, 0, 9);
        long mfn = grantee.domain().tableFrames().sharedFrame(0);
        Expect.equal("vector", 0, grantee.tryLoad(grantee.slot(9)));
        Expect.rc(0, grantee.call(new RemoveFromPhysmapCall(table)));
        Sight.nothing(grantee, grantee.slot(9));
        Expect.equal("ways to it", List.of(), Reachability.in(world).ways(grantee.domain(), mfn));
        Expect.equal(
                "the entry", PhysicalMap.INVALID, grantee.domain().physicalMap().entry(table));
    }
}
