package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SwapCall;
import grantlab.conformance.call.TransferCall;
import grantlab.conformance.call.UnmapCall;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** CPUs, and toolstacks, that act at the same time. Whoever wins, the books are right afterwards. */
public final class RaceClauses implements ClauseFamily {
    private static final String LOCKS = "xen-semantics.md, 3.11";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int ROUNDS = 40;
    private static final int TIMES = 300;
    private static final int SWAPS = 64;
    private static final long INDEX = World.FIRST_INDEX;

    /** For ServiceLoader. */
    public RaceClauses() {}

    @Override
    public String prefix() {
        return "RACE";
    }

    @Override
    public String title() {
        return "At the same time";
    }

    @Override
    public List<Object> parts() {
        return List.of(new BetweenLooks(), new NeverAtRest(), new BeforeFlushes(), new AmidMaps(), new GoneMeanwhile());
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "RACE-01",
            promise = "Of two CPUs that unmap one handle exactly one gets 0, the other GNTST_bad_handle, and one pin is"
                    + " dropped.",
            source = "xen-semantics.md, 8.1 row 9 (XSA-218)")
    void oneHandleTwice(World world) {
        Party grantee = Traffic.twoCpus(world);
        Cpu[] cpus = Traffic.cpus(world, grantee);
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        int[] statuses = new int[2];
        Race.rounds(ROUNDS, round -> {
            Mapped mapped = cpus[0].call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
            UnmapCall unmap = UnmapCall.of(mapped.handle()).at(grantee.slot(0));
            Race.run(
                    () -> statuses[0] = cpus[0].call(unmap).status(),
                    () -> statuses[1] = cpus[1].call(unmap).status());
            Expect.equal("sum of the statuses", Status.BAD_HANDLE, statuses[0] + statuses[1]);
            Expect.holds("one of them is 0", statuses[0] == 0 || statuses[1] == 0);
        });
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "RACE-02",
            promise = "Two CPUs map and unmap one reference while the granter withdraws and grants it again: every map"
                    + " works or finds it withdrawn, every unmap works, and nothing is left.",
            source = LOCKS + ", 3.12")
    void twoCpusAndTheGranter(World world) {
        Party grantee = Traffic.twoCpus(world);
        Cpu[] cpus = Traffic.cpus(world, grantee);
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        Race.run(
                () -> Traffic.mapAndUnmap(cpus[0], ref, grantee.slot(0), Gntmap.HOST_MAP),
                () -> Traffic.mapAndUnmap(cpus[1], ref, grantee.slot(1), Gntmap.HOST_MAP | Gntmap.READONLY),
                () -> Traffic.withdrawAndGrant(world));
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Clause(
            id = "RACE-03",
            promise = "A withdrawal and a map at the same time do not both succeed.",
            source = "xen-semantics.md, 3.12 (withdraw unused), 3.3")
    void endOrMap(World world) {
        Driver driver = new Driver(world.grantee());
        Ledger ledger = Ledger.of(world, world.granter());
        Race.rounds(ROUNDS, round -> {
            long ref = world.grant(0, READ_WRITE);
            MappedGrant mapped = new MappedGrant();
            int[] status = new int[1];
            boolean[] ended = new boolean[1];
            Race.run(
                    () -> status[0] = driver.tryMap(ref, 0, READ_WRITE, mapped),
                    () -> ended[0] = world.table().end(INDEX));
            Expect.holdsNot("ended and mapped", ended[0] && status[0] == 0);
            if (status[0] == 0) {
                driver.unmap(mapped);
                Expect.holds("the entry can be ended", world.table().end(INDEX));
            }
        });
        ledger.check();
    }

    @Clause(
            id = "RACE-04",
            promise = "An entry that was narrowed to read-only is mapped writable by nobody: narrowing and a writable"
                    + " map do not both succeed.",
            source = "xen-semantics.md, 3.12 (rw -> ro)")
    void narrowOrMap(World world) {
        Driver driver = new Driver(world.grantee());
        Race.rounds(ROUNDS, round -> {
            long ref = world.grant(0, READ_WRITE);
            MappedGrant reader = driver.map(ref, 0, Access.READ);
            MappedGrant writer = new MappedGrant();
            int[] status = new int[1];
            boolean[] narrowed = new boolean[1];
            Race.run(
                    () -> status[0] = driver.tryMap(ref, 1, READ_WRITE, writer),
                    () -> narrowed[0] = world.table().narrow(INDEX));
            Expect.holdsNot("narrowed and mapped writable", narrowed[0] && status[0] == 0);
            if (status[0] == 0) {
                driver.unmap(writer);
            }
            driver.unmap(reader);
            Expect.holds("the entry can be ended", world.table().end(INDEX));
        });
    }

    @Needs(format = {"flat-home", "in-use-bits", "swap"})
    @Clause(
            id = "RACE-05",
            promise = "A map while the granter swaps gets one of the two pages, whole: the frame that it is told, the"
                    + " contents that it sees, and the reference that it holds.",
            source = LOCKS + " (swap is a writer)")
    void swapAgainstMap(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        granter.store(granter.page(0), 100);
        granter.store(granter.page(1), 101);
        long a = world.grant(0, READ_WRITE);
        long b = world.grant(1, READ_WRITE);
        Ledger ledger = Ledger.of(world, granter);
        Cpu mapper = new Cpu(grantee.vcpu(), grantee.page(60));
        Cpu swapper = new Cpu(granter.vcpu(), granter.page(60));
        List<SwapCall> swaps = Collections.nCopies(SWAPS, new SwapCall(a, b));
        swapper.write(swaps);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(() -> Traffic.mapAndCompare(granter, grantee, mapper, a, over), () -> {
            do {
                Expect.rc(0, swapper.enter(swaps.getFirst(), SWAPS));
            } while (!over.get());
        });
        for (Answer swapped : swapper.read(swaps, 0)) {
            Expect.holds("swapped or busy", swapped.status() == Status.OKAY || swapped.status() == Status.EAGAIN);
        }
        ledger.check();
        Expect.holds("the first entry can be ended", world.table().end(INDEX));
        Expect.holds("the second entry can be ended", world.table().end(INDEX + 1));
    }

    @Needs(format = {"flat-home", "in-use-bits"})
    @Clause(
            id = "RACE-06",
            promise = "A granter that keeps writing to an entry cannot hold up a map, which works or answers"
                    + " GNTST_general_error, and gains nothing by it.",
            source = "xen-semantics.md, 3.3 (five attempts); 8.1 row 24 (XSA-295)")
    void scribbling(World world) {
        Party grantee = world.grantee();
        Driver driver = new Driver(grantee);
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        TableEntry entry = world.granter().entry(ref);
        Race.run(
                () -> {
                    for (int n = 0; n < 20 * TIMES; n++) {
                        entry.set("flags", Gtf.PERMIT_ACCESS | (n % 64 << 9));
                    }
                },
                () -> {
                    for (int n = 0; n < TIMES; n++) {
                        MappedGrant mapped = new MappedGrant();
                        int status = driver.tryMap(ref, 0, READ_WRITE, mapped);
                        Expect.holds("mapped or refused", status == Status.OKAY || status == Status.GENERAL_ERROR);
                        if (status == Status.OKAY) {
                            driver.unmap(mapped);
                        }
                    }
                });
        ledger.check();
        entry.set("flags", Gtf.PERMIT_ACCESS);
        driver.unmap(driver.map(ref, 0, READ_WRITE));
        Expect.equal("flags and marks", Gtf.PERMIT_ACCESS, entry.flags());
    }

    @Clause(
            id = "RACE-07",
            promise = "A granter may be destroyed while its pages are mapped, used and unmapped: no unmap fails, and"
                    + " when the last is done the domain is gone.",
            source = "xen-semantics.md, 5.1")
    void granterDies(World world) {
        Party grantee = world.grantee();
        Driver driver = new Driver(grantee);
        long ref = world.grant(0, READ_WRITE);
        Race.run(
                () -> {
                    for (int n = 0; n < TIMES; n++) {
                        MappedGrant mapped = new MappedGrant();
                        if (driver.tryMap(ref, 0, READ_WRITE, mapped) == 0) {
                            grantee.store(grantee.slot(0), n);
                            Expect.equal("what was stored", (long) n, grantee.load(grantee.slot(0)));
                            driver.unmap(mapped);
                        }
                        driver.copyOut(ref, 1);
                    }
                },
                () -> {
                    Traffic.pause(TIMES);
                    Expect.rc(0, world.machine().destroyDomain(World.GRANTER));
                });
        Expect.different(
                "result of domaininfo",
                0,
                world.machine().domainInfo(World.GRANTER).rc());
        Expect.different("status of a map", 0, driver.tryMap(ref, 0, Access.READ));
    }

    @Clause(
            id = "RACE-08",
            promise = "A grantee may be destroyed while it maps and unmaps: the granter gets everything back.",
            source = "xen-semantics.md, 5.2")
    void granteeDies(World world) {
        Party grantee = world.grantee();
        Driver driver = new Driver(grantee);
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        Race.run(
                () -> Traffic.untilDead(grantee, () -> {
                    MappedGrant mapped = new MappedGrant();
                    driver.tryMap(ref, 0, READ_WRITE, mapped);
                    driver.copyIn(ref, 1);
                    driver.tryUnmap(mapped);
                }),
                () -> {
                    Traffic.pause(TIMES);
                    Expect.rc(0, world.machine().destroyDomain(World.GRANTEE));
                });
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(INDEX));
        Expect.holds("the grantee is gone", world.machine().domain(World.GRANTEE) == null);
    }

    @Needs(format = "in-use-bits")
    @Clause(
            id = "RACE-09",
            promise = "Once the granter sees that an entry is not in use, no store of the grantee's arrives any more.",
            source = "xen-semantics.md, 3.11 (cleared after its mapping, its TLB entries and its pin are gone), 11.1"
                    + " number 2")
    void bitsAfterFlush(World world) {
        Party grantee = Traffic.twoCpus(world);
        Vcpu writer = Rebuilt.secondCpu(world, grantee);
        Driver driver = new Driver(grantee);
        long ref = world.grant(0, READ_WRITE);
        Race.rounds(ROUNDS / 2, round -> {
            MappedGrant mapped = driver.map(ref, 0, READ_WRITE);
            AtomicBoolean over = new AtomicBoolean();
            // What an earlier round left in the page is not taken for a late store of this one.
            long first = (round + 1L) << Integer.SIZE;
            Race.run(
                    () -> {
                        Traffic.pause(TIMES);
                        int status = driver.tryUnmap(mapped);
                        over.set(true);
                        Expect.equal("status of the unmap", 0, status);
                    },
                    () -> {
                        for (long n = 0; !over.get(); n++) {
                            Traffic.expectNoLateStore(world, writer, grantee.slot(0), first + n);
                        }
                    });
        });
    }

    @Needs(format = {"flat-home", "in-use-bits"})
    @Clause(
            id = "RACE-10",
            promise = "While a CPU has a page mapped writable, copies by another CPU through the same reference never"
                    + " clear the granter's bits.",
            source = "xen-semantics.md, 3.5; 8.1 row 15 (XSA-230)")
    void copiesBesideMapping(World world) {
        Party grantee = Traffic.twoCpus(world);
        Cpu[] cpus = Traffic.cpus(world, grantee);
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter(), grantee);
        TableEntry entry = world.granter().entry(ref);
        CopyCall copy =
                CopyCall.to(CopyCall.own(grantee.pageFrame(1), 0), CopyCall.of(World.GRANTER, ref, 0), Long.BYTES);
        Race.run(
                () -> {
                    for (int n = 0; n < TIMES; n++) {
                        Mapped mapped =
                                cpus[0].call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
                        Expect.okay(mapped);
                        Expect.equal("flags and marks", Gtf.PERMIT_ACCESS | Gtf.READING | Gtf.WRITING, entry.flags());
                        Expect.okay(cpus[0].call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
                    }
                },
                () -> {
                    for (int n = 0; n < TIMES; n++) {
                        Expect.okay(cpus[1].call(copy));
                    }
                });
        ledger.check();
        Expect.equal("flags and marks", Gtf.PERMIT_ACCESS, entry.flags());
    }

    @Needs(
            format = {"flat-home", "transfer"},
            granter = "names-entries")
    @BothTables
    @Clause(
            id = "RACE-11",
            promise =
                    "A page that is given away while somebody maps it goes whole or stays: the receiver owns it alone,"
                            + " or the giver still does.",
            source = "xen-semantics.md, 2.5; 8.1 row 23 (XSA-287)")
    void transferAgainstMap(World world) {
        Party giver = world.granter();
        Party receiver = world.third();
        Driver driver = new Driver(world.grantee());
        FrameTable frames = world.machine().frames();
        Cpu cpu = new Cpu(giver.vcpu(), giver.page(60));
        Race.rounds(ROUNDS, n -> {
            long frame = giver.pageFrame(n);
            long ref = world.grant(n, READ_WRITE);
            Expect.rc(0, giver.updateEntry(giver.page(n), 0));
            receiver.entry(n)
                    .set("frame", Page.frame(receiver.slot(n)))
                    .set("domid", World.GRANTER)
                    .set("flags", 2);
            TransferCall give = new TransferCall(frame, World.THIRD, n);
            Answer[] answer = new Answer[1];
            Race.run(() -> answer[0] = cpu.call(give), () -> Traffic.useAFewTimes(driver, ref));
            boolean gone = answer[0].status() == Status.OKAY;
            Expect.holds("given or kept", gone || answer[0].status() == Status.BAD_PAGE);
            Expect.equal("owner", gone ? World.THIRD : World.GRANTER, frames.owner(frame));
            Expect.equal("references", 1, frames.references(frame));
            Expect.equal("type uses", 0, frames.typeUses(frame));
            MappedGrant mapped = new MappedGrant();
            Expect.equal("map afterwards", gone ? Status.BAD_PAGE : 0, driver.tryMap(ref, 0, Access.READ, mapped));
            if (!gone) {
                driver.unmap(mapped);
            }
        });
    }

    @Needs(format = {"flat-home", "in-use-bits"})
    @Clause(
            id = "RACE-12",
            promise =
                    "Marks are set and taken back in one step: no bit beside them that the granter changes meanwhile is"
                            + " lost.",
            source = "xen-semantics.md, 3.3 (compare-and-swap), 3.5 (an atomic AND)")
    void oneStep(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        long ref = world.grant(0, READ_WRITE);
        MachineMemory memory = world.machine().memory();
        // The reference is even: its marks are in the low half of a word of 32 bits.
        long word = granter.entry(ref).marksAddress();
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    try {
                        for (int n = 0; n < 10 * TIMES; n++) {
                            MappedGrant mapped = new MappedGrant();
                            if (driver.tryMap(ref, 0, Access.READ, mapped) == Status.OKAY) {
                                driver.unmap(mapped);
                            }
                        }
                    } finally {
                        over.set(true);
                    }
                },
                () -> {
                    while (!over.get()) {
                        memory.getAndBitwiseOr32(word, Gtf.PCD);
                        Expect.bits("what was set", Gtf.PCD, Gtf.PCD, memory.load32Acquire(word));
                        memory.getAndBitwiseAnd32(word, ~Gtf.PCD);
                        Expect.bits("what was cleared", Gtf.PCD, 0, memory.load32Acquire(word));
                    }
                });
        Expect.equal("flags and marks", Gtf.PERMIT_ACCESS, granter.entry(ref).flags());
    }
}
