package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.WRITING;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.Version;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** Advisories about set_version and the status frames that come and go with it. */
@Needs(format = {"flat-home", "layout-v2"})
final class XsaVersion {
    private static final int REF = 5;
    private static final int ROUNDS = 20;
    private static final int CHANGES = 60;

    private static void set(Party party, int version) {
        Expect.equal("set_version", new Version(0, version), party.call(new SetVersionCall(version)));
    }

    @Clause(
            id = "XSA-26",
            promise =
                    "Status frames that go are nobody's, and what comes into their place is plain memory of whoever gets it,"
                            + " however often the version changes and the table grows.",
            source = "XSA-26, CVE-2012-5510")
    void framesThatGo(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        long shared = frames.sharedPages(World.GRANTER);
        for (int round = 0; round < ROUNDS; round++) {
            long status = granter.domain().tableFrames().statusFrame(0);
            Expect.holds("a status frame is the hypervisor's", frames.isShared(status));
            set(granter, 1);
            Expect.equal("owner of the former status frame", FrameTable.NO_OWNER, frames.owner(status));
            Expect.equal("frames of the table", shared - 1, frames.sharedPages(World.GRANTER));
            long mfn = frames.allocate(World.GRANTEE, Page.ORDER_4K);
            Expect.holdsNot("plain memory is the hypervisor's", frames.isShared(mfn));
            set(granter, 2);
            Expect.different(
                    "the new status frame", mfn, granter.domain().tableFrames().statusFrame(0));
            Expect.equal("frames of the table", shared, frames.sharedPages(World.GRANTER));
            giveBack(frames, mfn);
        }
        long pages = frames.pages(World.GRANTER);
        Expect.okay(granter.call(SetupTableCall.own(9)));
        Expect.equal("pages of its own", pages, frames.pages(World.GRANTER));
        Expect.equal("frames of the table", 9 + 2, frames.sharedPages(World.GRANTER));
    }

    private static void giveBack(FrameTable frames, long mfn) {
        frames.get(mfn, Page.ORDER_4K, World.GRANTEE);
        frames.releaseAllocation(mfn);
        frames.put(mfn, Page.ORDER_4K);
    }

    @Clause(
            id = "XSA-255",
            promise =
                    "A status frame that its guest has mapped is not freed: a PV guest keeps version 2, from an HVM guest it is"
                            + " taken away first.",
            source = "XSA-255, CVE-2018-7541; XTF xsa-255")
    void mappedStatusFrame(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        long status = granter.domain().tableFrames().statusFrame(0);
        if (granter.translated()) {
            OwnFrames.status(granter, 0, 9);
            Sight.value(granter, granter.slot(9), 0);
            set(granter, 1);
            Sight.nothing(granter, granter.slot(9));
            Expect.equal("owner of the former status frame", FrameTable.NO_OWNER, frames.owner(status));
            return;
        }
        long slot = granter.kernel().statusFrame(0);
        Expect.equal("set_version", new Version(-Errno.EBUSY, 2), granter.call(new SetVersionCall(1)));
        Expect.holds("it is the hypervisor's still", frames.isShared(status));
        Sight.value(granter, slot, 0);
        Expect.rc(0, granter.updateEntry(slot, 0));
        set(granter, 1);
        Expect.equal("owner of the former status frame", FrameTable.NO_OWNER, frames.owner(status));
    }

    @Clause(
            id = "XSA-501",
            promise =
                    "The version changes to and fro under maps that fail and work, and under copies: each call works or is refused"
                            + " by a rule, no mark lands in a word of the other version, and nothing is left.",
            source = "XSA-501, CVE-2026-62435, CVE-2026-62436")
    void changesUnderCalls(World world) {
        underCalls(world, granter -> {
            granter.call(new SetVersionCall(1));
            Traffic.pause(CHANGES);
            granter.call(new SetVersionCall(2));
            Traffic.pause(CHANGES);
        });
    }

    @Clause(
            id = "XSA-517",
            promise =
                    "Two changes at once, after which everything seems to be as it was, are no better than one: also where"
                            + " the table grows in between.",
            source = "XSA-517, CVE-2026-79610")
    void doubleChanges(World world) {
        int[] frames = {1};
        underCalls(world, granter -> {
            granter.call(new SetVersionCall(1));
            granter.call(new SetVersionCall(2));
            granter.call(SetupTableCall.own(frames[0]++ % 30 + 1));
            granter.call(new SetVersionCall(1));
            granter.call(new SetVersionCall(2));
        });
    }

    /** What the granter does again and again. */
    @FunctionalInterface
    private interface Turn {
        void make(Cpu granter);
    }

    private static void underCalls(World world, Turn turn) {
        Party granter = world.granter();
        Party grantee = Traffic.twoCpus(world);
        Cpu[] cpus = Traffic.cpus(world, grantee);
        Cpu changer = new Cpu(granter.vcpu(), granter.page(60));
        EntriesV2.page(granter, REF, World.GRANTEE, 0);
        Ledger ledger = Ledger.beforeAnyTable(world, granter, grantee);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    while (!over.get()) {
                        mapAndFail(cpus[0], grantee);
                    }
                },
                () -> {
                    while (!over.get()) {
                        copy(cpus[1], grantee);
                    }
                },
                () -> {
                    try {
                        for (int n = 0; n < CHANGES; n++) {
                            turn.make(changer);
                        }
                    } finally {
                        over.set(true);
                    }
                });
        ledger.check();
        Expect.bits("marks", READING | WRITING, 0, granter.entry(REF).flags());
        Expect.bits(
                "what is granted",
                PERMIT_ACCESS,
                PERMIT_ACCESS,
                granter.entry(REF).flags());
        Through.of(world, REF).works(granter, 0);
    }

    private static void mapAndFail(Cpu cpu, Party grantee) {
        MapCall map = MapCall.of(World.GRANTER, REF);
        Mapped failing = cpu.call(map.at(1L << 50));
        Expect.status(Status.GENERAL_ERROR, failing);
        Mapped mapped = cpu.call(map.at(grantee.slot(0)));
        Expect.okay(mapped);
        Expect.okay(cpu.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
    }

    private static void copy(Cpu cpu, Party grantee) {
        CopyCall.End there = CopyCall.of(World.GRANTER, REF, 0);
        CopyCall.End here = CopyCall.own(grantee.pageFrame(1), 0);
        for (CopyCall copy : new CopyCall[] {CopyCall.from(there, here, 8), CopyCall.to(here, there, 8)}) {
            int status = cpu.call(copy).status();
            Set<Integer> allowed = Set.of(Status.OKAY, Status.GENERAL_ERROR, Status.EAGAIN);
            Expect.holds("one of " + allowed + ": " + status, allowed.contains(status));
        }
    }
}
