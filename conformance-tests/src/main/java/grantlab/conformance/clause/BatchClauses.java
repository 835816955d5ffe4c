package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.Answered;
import grantlab.conformance.call.Call;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.ArrayList;
import java.util.List;

/** Several elements in one call: what one of them does to the others. */
@Needs(format = {"flat-home", "in-use-bits"})
public final class BatchClauses implements ClauseFamily {
    private static final String FAULTS = "xen-semantics.md, 2.0 (faults in the middle of a batch)";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long PRESENT_USER = 0x65;
    private static final int GROUP = 32;

    /** For ServiceLoader. */
    public BatchClauses() {}

    @Override
    public String prefix() {
        return "BATCH";
    }

    @Override
    public String title() {
        return "Several elements in one call";
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "BATCH-01",
            promise = "Each element of a map has a status of its own, and a failing one stops nothing.",
            source = "xen-semantics.md, 2.0 (a failing element never stops a batch)")
    void partialFailure(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        long readOnly = world.grant(1, Access.READ);
        long before = world.references(0);
        List<Mapped> answers = grantee.batch(List.of(
                map(grantee, ref, 0),
                map(grantee, 9999, 1),
                MapCall.of(99, ref).at(grantee.slot(1)),
                map(grantee, readOnly, 1),
                map(grantee, ref, 1)));
        expectStatuses(answers, 0, Status.BAD_GNTREF, Status.BAD_DOMAIN, Status.GENERAL_ERROR, 0);
        Expect.equal("references", before + 2, world.references(0));
        expectFlags(world, 0, Gtf.PERMIT_ACCESS | Gtf.READING | Gtf.WRITING);
        expectFlags(world, 1, Gtf.PERMIT_ACCESS | Gtf.READONLY);
    }

    @Clause(
            id = "BATCH-02",
            promise = "A map whose array runs out of memory is -EFAULT there; the elements before are done, with their"
                    + " statuses.",
            source = FAULTS)
    void mapRunsOut(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        List<MapCall> calls = List.of(map(grantee, ref, 0), map(grantee, 9999, 1));
        Cpu cpu = new Cpu(grantee.vcpu(), endOfMemory(grantee, calls));
        cpu.write(calls);
        List<Mapped> answers = cpu.read(calls, cpu.enter(calls.getFirst(), 3));
        Expect.rc(-Errno.EFAULT, answers.getFirst().rc());
        expectStatuses(answers, 0, Status.BAD_GNTREF);
        expectFlags(world, 0, Gtf.PERMIT_ACCESS | Gtf.READING | Gtf.WRITING);
        Expect.okay(grantee.call(UnmapCall.of(answers.getFirst().handle()).at(grantee.slot(0))));
        expectFlags(world, 0, Gtf.PERMIT_ACCESS);
    }

    @Clause(
            id = "BATCH-03",
            promise = "An unmap whose array runs out of memory is -EFAULT there; what was taken out before is flushed,"
                    + " and the granter sees it.",
            source = "xen-semantics.md, 2.2 (on -EFAULT the finished elements still get flush and phase 2)")
    void unmapRunsOut(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        List<UnmapCall> calls = new ArrayList<>();
        for (Mapped mapped : grantee.batch(List.of(map(grantee, ref, 0), map(grantee, ref, 1)))) {
            calls.add(UnmapCall.of(mapped.handle()).at(grantee.slot(calls.size())));
        }
        Expect.equal("what the slot shows", 0L, grantee.load(grantee.slot(0)));
        Cpu cpu = new Cpu(grantee.vcpu(), endOfMemory(grantee, calls));
        cpu.write(calls);
        List<Answer> answers = cpu.read(calls, cpu.enter(calls.getFirst(), 3));
        Expect.rc(-Errno.EFAULT, answers.getFirst().rc());
        expectStatuses(answers, 0, 0);
        expectFlags(world, 0, Gtf.PERMIT_ACCESS);
        ledger.check();
        expectHole(grantee, 0);
    }

    @Clause(
            id = "BATCH-04",
            promise =
                    "A copy whose array runs out of memory is -EFAULT there; nothing stays in use, and what was copied"
                            + " is copied.",
            source = FAULTS + ", 2.7.3")
    void copyRunsOut(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        granter.store(granter.page(0), 42);
        long ref = world.grant(0, Access.READ);
        Ledger ledger = Ledger.of(world, granter, grantee);
        List<CopyCall> calls = List.of(copyOut(grantee, ref, 1));
        Cpu cpu = new Cpu(grantee.vcpu(), endOfMemory(grantee, calls));
        cpu.write(calls);
        Answer answer = cpu.read(calls, cpu.enter(calls.getFirst(), 2)).getFirst();
        Expect.rc(-Errno.EFAULT, answer.rc());
        Expect.equal("status", 0, answer.status());
        Expect.equal("what was copied", 42L, grantee.load(grantee.page(1)));
        expectFlags(world, 0, Gtf.PERMIT_ACCESS | Gtf.READONLY);
        ledger.check();
    }

    @Needs(grantee = "names-entries")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "BATCH-05",
            promise = "A map whose answer cannot be written is -EFAULT, and the mapping stands all the same.",
            source = FAULTS + ": k's side effects are kept and its result is lost")
    void answerLost(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        long before = world.references(0);
        List<MapCall> calls = List.of(map(grantee, ref, 0), map(grantee, ref, 1));
        Cpu cpu = new Cpu(grantee.vcpu(), grantee.page(5));
        cpu.write(calls);
        Expect.rc(0, grantee.updateEntry(grantee.page(5), Page.address(grantee.pageFrame(5)) | PRESENT_USER));
        List<Mapped> answers = cpu.read(calls, cpu.enter(calls.getFirst(), 2));
        Expect.rc(-Errno.EFAULT, answers.getFirst().rc());
        expectStatuses(answers, Call.UNWRITTEN, Call.UNWRITTEN);
        Expect.equal("references", before + 1, world.references(0));
        Expect.okay(grantee.call(UnmapCall.of(0).at(grantee.slot(0))));
        expectFlags(world, 0, Gtf.PERMIT_ACCESS);
    }

    @Clause(
            id = "BATCH-06",
            promise = "A handle that stands twice in one unmap is good once: then GNTST_bad_handle, and one pin is"
                    + " dropped.",
            source = "xen-semantics.md, 2.2 (duplicate handle)")
    void sameHandleTwice(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Mapped kept = grantee.call(map(grantee, ref, 1));
        long before = world.references(0);
        Mapped mapped = grantee.call(map(grantee, ref, 0));
        UnmapCall unmap = UnmapCall.of(mapped.handle()).at(grantee.slot(0));
        expectStatuses(grantee.batch(List.of(unmap, unmap, unmap)), 0, Status.BAD_HANDLE, Status.BAD_HANDLE);
        Expect.equal("references", before, world.references(0));
        expectFlags(world, 0, Gtf.PERMIT_ACCESS | Gtf.READING | Gtf.WRITING);
        Expect.okay(grantee.call(UnmapCall.of(kept.handle()).at(grantee.slot(1))));
        expectFlags(world, 0, Gtf.PERMIT_ACCESS);
    }

    @Clause(
            id = "BATCH-07",
            promise = "An unmap of more elements than a group of 32 undoes them all, failing ones in between left out.",
            source = "xen-semantics.md, 2.2 (phase 2)")
    void severalGroups(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        int count = 2 * GROUP + 3;
        List<MapCall> maps = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            maps.add(MapCall.of(World.GRANTER, ref).at(grantee.slot(0) + Page.address(n)));
        }
        List<Mapped> mapped = grantee.batch(maps);
        Expect.allOkay(mapped);
        List<UnmapCall> unmaps = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            unmaps.add(UnmapCall.of(mapped.get(n).handle()).at(grantee.slot(0) + Page.address(n)));
        }
        unmaps.add(GROUP, UnmapCall.of(9999).at(grantee.slot(0)));
        List<Answer> answers = grantee.batch(unmaps);
        for (int n = 0; n <= count; n++) {
            Expect.status(
                    "status of element " + n,
                    n == GROUP ? Status.BAD_HANDLE : 0,
                    answers.get(n).status());
        }
        expectFlags(world, 0, Gtf.PERMIT_ACCESS);
        ledger.check();
    }

    @Clause(
            id = "BATCH-08",
            promise = "A failing copy stops no batch and leaves nothing in use, though its neighbours name the same"
                    + " grant.",
            source = "xen-semantics.md, 2.7.3")
    void copies(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        granter.store(granter.page(0), 42);
        long ref = world.grant(0, Access.READ);
        Ledger ledger = Ledger.of(world, granter, grantee);
        CopyCall good = copyOut(grantee, ref, 1);
        CopyCall tooLong =
                CopyCall.from(CopyCall.of(World.GRANTER, ref, 4090), CopyCall.own(grantee.pageFrame(2), 0), 8);
        expectStatuses(
                grantee.batch(List.of(good, tooLong, copyOut(grantee, 9999, 2), copyOut(grantee, ref, 3), good)),
                0,
                Status.BAD_COPY_ARG,
                Status.BAD_GNTREF,
                0,
                0);
        Expect.equal("page of the first", 42L, grantee.load(grantee.page(1)));
        Expect.equal("page of those that failed", 0L, grantee.load(grantee.page(2)));
        Expect.equal("page of the fourth", 42L, grantee.load(grantee.page(3)));
        expectFlags(world, 0, Gtf.PERMIT_ACCESS | Gtf.READONLY);
        ledger.check();
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "BATCH-09",
            promise = "When Xen crashes the caller in the middle of a batch, the elements before are done and those"
                    + " after are not touched.",
            source = "xen-semantics.md, 6.2; recording pvh_overmap_v1")
    void crashInTheMiddle(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        long before = world.references(0);
        List<Mapped> answers = grantee.batch(List.of(map(grantee, ref, 0), map(grantee, ref, 0), map(grantee, ref, 1)));
        Expect.crashed(answers.getFirst().rc());
        expectStatuses(answers, 0, Status.GENERAL_ERROR, Call.UNWRITTEN);
        Expect.equal("references", before + 1, world.references(0));
        Expect.holdsNot("the grantee runs", grantee.vcpu().running());
        Expect.equal("its next call", Vcpu.CRASHED, grantee.grantTableOp(6, grantee.arguments(), 1));
    }

    @Clause(
            id = "BATCH-10",
            promise = "A map, its unmap and the next map of a batch each see what those before did.",
            source = "xen-semantics.md, 2.0")
    void inOrder(World world) {
        Party grantee = world.grantee();
        long readOnly = world.grant(0, Access.READ);
        long ref = world.grant(1, READ_WRITE);
        List<Mapped> mapped = grantee.batch(
                List.of(map(grantee, readOnly, 0).readonly(), map(grantee, ref, 1), map(grantee, ref, 2)));
        Expect.allOkay(mapped);
        Expect.equal("first handle", 0, mapped.get(0).handle());
        Expect.equal("second handle", 1, mapped.get(1).handle());
        Expect.equal("third handle", 2, mapped.get(2).handle());
        UnmapCall last = UnmapCall.of(2).at(grantee.slot(2));
        expectStatuses(
                grantee.batch(List.of(
                        last.at(grantee.slot(0)), last, last, UnmapCall.of(1).at(grantee.slot(1)))),
                Status.GENERAL_ERROR,
                0,
                Status.BAD_HANDLE,
                0);
        expectFlags(world, 1, Gtf.PERMIT_ACCESS);
        expectFlags(world, 0, Gtf.PERMIT_ACCESS | Gtf.READONLY | Gtf.READING);
    }

    private static MapCall map(Party grantee, long ref, int slot) {
        return MapCall.of(World.GRANTER, ref).at(grantee.slot(slot));
    }

    private static CopyCall copyOut(Party grantee, long ref, int page) {
        return CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), CopyCall.own(grantee.pageFrame(page), 0), Long.BYTES);
    }

    /** Where an array must begin so that its next element is in no memory: after the last page there is nothing. */
    private static long endOfMemory(Party party, List<? extends Call<?>> calls) {
        return party.page(Party.PAGES - 1)
                + Page.SIZE
                - (long) calls.size() * calls.getFirst().size();
    }

    private static void expectStatuses(List<? extends Answered> answers, int... expected) {
        for (int n = 0; n < expected.length; n++) {
            Expect.status("status of element " + n, expected[n], answers.get(n).status());
        }
    }

    private static void expectFlags(World world, int page, int expected) {
        Expect.equal(
                "flags and marks of the entry of p" + page,
                expected,
                world.granter().entry((long) World.FIRST_INDEX + page).flags());
    }

    /** PV guests fault at a hole, HVM guests read ones. */
    private static void expectHole(Party party, int slot) {
        boolean hole = party.tryLoad(party.slot(slot)) != 0 || party.vcpu().value() == -1;
        Expect.holds("nothing is mapped at m" + slot, hole);
    }
}
