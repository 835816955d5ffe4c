package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Copy;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** Advisories about copies. */
final class XsaCopy {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long INDEX = World.FIRST_INDEX;
    private static final int FAR = 10;
    private static final int HOP = 20;
    private static final int TIMES = 200;
    private static final int LONG_BATCH = 200;
    private static final int BOTH_ENDS = Copy.SOURCE_GREF | Copy.DEST_GREF;
    private static final long SECRET = 0x5ec2_e75e_c2e7_5ec2L;

    /** Somebody's p0 for somebody else. */
    private static void grantTo(Party granter, long ref, int domid) {
        granter.entry(ref)
                .set("domid", domid)
                .set("frame", granter.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
    }

    @Needs(format = "flat-home", granteeFormat = "flat-home")
    @BothTables
    @Clause(
            id = "XSA-50",
            promise =
                    "Copies between the grants of two domains, and ones that fail at either side, leave nothing held of either:"
                            + " both can be destroyed, and all of their memory is free.",
            source = "XSA-50, CVE-2013-1964")
    void wrongDomainReleased(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        long ref = world.grant(0, READ_WRITE);
        grantTo(third, FAR, World.GRANTEE);
        Ledger ledger = Ledger.of(world, world.granter(), third, grantee);
        CopyCall.End here = CopyCall.of(World.GRANTER, ref, 0);
        CopyCall.End there = CopyCall.of(World.THIRD, FAR, 0);
        CopyCall.End bad = CopyCall.of(World.THIRD, FAR + 1, 0);
        CopyCall.End beyond = CopyCall.of(World.THIRD, FAR, Page.SIZE);
        for (CopyCall.End other : List.of(there, bad, beyond, CopyCall.of(99, FAR, 0))) {
            grantee.call(new CopyCall(here, other, 8, BOTH_ENDS));
            grantee.call(new CopyCall(other, here, 8, BOTH_ENDS));
        }
        Expect.okay(grantee.call(new CopyCall(here, there, 8, BOTH_ENDS)));
        ledger.check();
        for (Party gone : new Party[] {world.granter(), third}) {
            world.destroy(gone);
            Expect.equal("pages that are left", 0, world.machine().frames().pages(gone.domid()));
            Expect.holds(gone + " is gone", world.machine().domain(gone.domid()) == null);
        }
    }

    @Needs(format = "transitive")
    @Clause(
            id = "XSA-226",
            promise =
                    "Grants of grants whose entries keep changing, and ones that lead in a circle, end every copy; neither side"
                            + " stays pinned, and no hop leads to a second.",
            source = "XSA-226, CVE-2017-12135")
    void hopsThatChange(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Party third = world.third();
        Expect.equal("set_version", new Version(0, 2), third.call(new SetVersionCall(2)));
        EntriesV2.page(third, FAR, World.GRANTER, 0);
        EntriesV2.hop(granter, HOP, World.GRANTEE, World.THIRD, FAR);
        Through copies = Through.of(world, HOP);
        Ledger ledger = Ledger.of(world, granter, third, grantee);
        world.step("the far entry changes between two copies of one call, and under them");
        Cpu cpu = new Cpu(grantee.vcpu(), grantee.page(60));
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    while (!over.get()) {
                        third.entry(FAR).set("flags", Gtf.PERMIT_ACCESS | Gtf.READONLY);
                        third.entry(FAR).set("flags", 0);
                        third.entry(FAR).set("flags", Gtf.PERMIT_ACCESS);
                    }
                },
                () -> {
                    try {
                        for (int n = 0; n < TIMES; n++) {
                            expectOneOf(
                                    Set.of(Status.OKAY, Status.GENERAL_ERROR, Status.EAGAIN),
                                    cpu.call(copies.outCall(0, 8)).status());
                        }
                    } finally {
                        over.set(true);
                    }
                });
        world.step("the hops lead in a circle");
        EntriesV2.hop(third, FAR, World.GRANTER, World.GRANTER, HOP);
        EntriesV2.hop(granter, HOP + 1, World.THIRD, World.THIRD, FAR);
        copies.refused(Status.GENERAL_ERROR);
        ledger.check();
        for (Party party : new Party[] {granter, third}) {
            for (long ref : new long[] {FAR, HOP, HOP + 1}) {
                Expect.bits(
                        "marks", Gtf.READING | Gtf.WRITING, 0, party.entry(ref).flags());
            }
        }
    }

    private static void expectOneOf(Set<Integer> allowed, int got) {
        Expect.holds("one of " + allowed + ": " + got, allowed.contains(got));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-318",
            promise = "Of a long batch under load every element is carried out and has its status written.",
            source = "XSA-318, CVE-2020-11742")
    void everyStatusWritten(World world) {
        Party grantee = world.grantee();
        Party granter = world.granter();
        granter.store(granter.page(0), SECRET);
        long ref = world.grant(0, READ_WRITE);
        List<CopyCall> batch = new ArrayList<>();
        for (int n = 0; n < LONG_BATCH; n++) {
            batch.add(CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), CopyCall.own(grantee.pageFrame(1), 8 * n), 8));
        }
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    try {
                        for (int round = 0; round < 10; round++) {
                            Sight.fill(grantee, grantee.page(1), round);
                            Expect.allOkay(grantee.batch(batch));
                            for (int n = 0; n < LONG_BATCH; n++) {
                                Sight.value(grantee, grantee.page(1) + 8L * n, SECRET);
                            }
                        }
                    } finally {
                        over.set(true);
                    }
                },
                () -> {
                    for (int frames = 1; !over.get(); frames = frames % 32 + 1) {
                        Expect.okay(granter.call(SetupTableCall.own(frames)));
                    }
                });
    }

    @Needs(format = "transitive")
    @Clause(
            id = "XSA-411",
            promise =
                    "Two domains lead to each other, and two CPUs copy both ways: neither waits for the other for ever.",
            source = "XSA-411, CVE-2022-33748")
    void toAndFro(World world) {
        Party grantee = Traffic.twoCpus(world);
        Party granter = world.granter();
        Party third = world.third();
        Expect.equal("set_version", new Version(0, 2), third.call(new SetVersionCall(2)));
        Cpu[] cpus = Traffic.cpus(world, grantee);
        EntriesV2.page(granter, FAR, World.THIRD, 0);
        EntriesV2.page(third, FAR, World.GRANTER, 0);
        EntriesV2.hop(granter, HOP, World.GRANTEE, World.THIRD, FAR);
        EntriesV2.hop(third, HOP, World.GRANTEE, World.GRANTER, FAR);
        Ledger ledger = Ledger.of(world, granter, third, grantee);
        Race.run(
                () -> copy(cpus[0], new Through(grantee, World.GRANTER, HOP)),
                () -> copy(cpus[1], new Through(grantee, World.THIRD, HOP)));
        ledger.check();
    }

    private static void copy(Cpu cpu, Through copies) {
        for (int n = 0; n < TIMES; n++) {
            Expect.okay(cpu.call(copies.outCall(0, 8)));
            Expect.okay(cpu.call(copies.inCall(0, 8)));
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-448",
            promise =
                    "Copies of no bytes, which a frontend can make a backend ask for, move nothing, hold nothing, and open nothing"
                            + " that a copy of a byte would not.",
            source = "XSA-448, CVE-2023-46838 (what Linux did with them); xen-semantics.md, 2.7.6")
    void nothingToCopy(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        Sight.fill(grantee, grantee.page(1), 1);
        Sight.fill(world.granter(), world.granter().page(0), 2);
        Ledger ledger = Ledger.of(world, world.granter(), grantee);
        CopyCall.End here = CopyCall.own(grantee.pageFrame(1), 0);
        for (int offset : new int[] {0, 1, 4095, Page.SIZE}) {
            Expect.okay(grantee.call(CopyCall.from(CopyCall.of(World.GRANTER, ref, offset), here, 0)));
        }
        Expect.status(Status.GENERAL_ERROR, grantee.call(CopyCall.to(here, CopyCall.of(World.GRANTER, ref, 0), 0)));
        Expect.status(
                Status.GENERAL_ERROR,
                world.third()
                        .call(CopyCall.from(
                                CopyCall.of(World.GRANTER, ref, 0),
                                CopyCall.own(world.third().pageFrame(1), 0),
                                0)));
        Sight.filled(grantee, grantee.page(1), 1);
        Sight.filled(world.granter(), world.granter().page(0), 2);
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-500",
            promise =
                    "A copy that is the first to write an entry in use does not write to the page that the entry names by now.",
            source = "XSA-500, CVE-2026-62428")
    void frameChanged(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        granter.store(granter.page(1), SECRET);
        Mapped mapped =
                grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).readonly());
        Expect.okay(mapped);
        granter.entry(ref).set("frame", granter.pageFrame(1));
        CopyCall in = CopyCall.to(CopyCall.own(grantee.pageFrame(0), 0), CopyCall.of(World.GRANTER, ref, 0), 8);
        Expect.status(Status.GENERAL_ERROR, grantee.call(in));
        Sight.value(granter, granter.page(1), SECRET);
        Sight.value(granter, granter.page(0), 0);
        granter.entry(ref).set("frame", granter.pageFrame(0));
        Expect.okay(grantee.call(in));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "XSA-523",
            promise =
                    "That a plain frame is the caller's own is judged for each element: behind a good one of the same domain nobody"
                            + " reads or writes a frame of that domain, be its number a reference that is held.",
            source = "XSA-523, CVE-2026-102703, CVE-2026-102704")
    void framesOfOthers(World world) throws Exception {
        world.under(settings -> settings.withXenRelease("4.17"), XsaCopy::framesOfOthersRefused);
    }

    private static void framesOfOthersRefused(World world) {
        Party grantee = world.grantee();
        Party granter = world.granter();
        long ref = world.grant(0, READ_WRITE);
        granter.store(granter.page(1), SECRET);
        CopyCall.End own = CopyCall.own(grantee.pageFrame(1), 0);
        CopyCall.End grant = CopyCall.of(World.GRANTER, ref, 0);
        for (long frame : new long[] {granter.pageFrame(1), ref}) {
            CopyCall.End plain = CopyCall.of(World.GRANTER, frame, 0);
            expect(
                    grantee.batch(List.of(CopyCall.from(grant, own, 8), new CopyCall(plain, own, 8, 0))),
                    Status.PERMISSION_DENIED);
            expect(
                    grantee.batch(List.of(CopyCall.to(own, grant, 8), new CopyCall(own, plain, 8, 0))),
                    Status.PERMISSION_DENIED);
        }
        Sight.value(grantee, grantee.page(1), 0);
        Sight.value(granter, granter.page(1), SECRET);
    }

    private static void expect(List<Answer> answers, int second) {
        Expect.status(Status.OKAY, answers.getFirst());
        Expect.status(second, answers.getLast());
    }
}
