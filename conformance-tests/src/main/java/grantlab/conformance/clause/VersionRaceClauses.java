package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.TRANSITIVE;
import static grantlab.api.abi.Gtf.WRITING;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SwapCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.Version;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Two words for each reference, entries that lead elsewhere, versions that change: with several CPUs at once. */
@Needs(format = {"flat-home", "layout-v2"})
public final class VersionRaceClauses implements ClauseFamily {
    private static final int TIMES = 300;
    private static final int CHANGES = 60;
    private static final long A_MOMENT = 10_000;
    private static final long NO_MORE_CALLS = Long.MAX_VALUE / 2;
    private static final int REF = 8;
    private static final int HOP = 20;
    private static final int FAR = 10;
    private static final int BOTH = READING | WRITING;

    /** For ServiceLoader. */
    public VersionRaceClauses() {}

    @Override
    public String prefix() {
        return "RACE2";
    }

    @Override
    public String title() {
        return "Version 2 at the same time";
    }

    @Clause(
            id = "RACE2-01",
            promise =
                    "Once the granter has cleared the flags and then seen no mark, no copy reads what it writes into the"
                            + " page.",
            source = "xen-semantics.md, 3.12 (clear flags, barrier, then look at status), 3.4")
    void withdrawnIsNotRead(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        Cpu copier = new Cpu(grantee.vcpu(), grantee.page(60));
        Through copies = Through.of(world, ref);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    try {
                        for (int n = 0; n < 10 * TIMES; n++) {
                            int status = copier.call(copies.outCall(0, 8)).status();
                            expectOneOf(Set.of(Status.OKAY, Status.GENERAL_ERROR), status);
                            Sight.value(grantee, grantee.page(Through.OUT), 0);
                        }
                    } finally {
                        over.set(true);
                    }
                },
                () -> {
                    while (!over.get()) {
                        if (world.table().end(World.FIRST_INDEX)) {
                            granter.store(granter.page(0), 666);
                            Traffic.pause(TIMES);
                            granter.store(granter.page(0), 0);
                            grantAgain(world);
                        }
                    }
                });
        Expect.equal("marks", 0, granter.entry(ref).flags() & BOTH);
    }

    @Clause(
            id = "RACE2-02",
            promise =
                    "Marks of references whose words are neighbours are set and cleared by two CPUs at once, and none is"
                            + " lost or left.",
            source = "xen-semantics.md, 3.5 (an atomic AND on 16 bits)")
    void neighbours(World world) {
        Party grantee = Traffic.twoCpus(world);
        Cpu[] cpus = Traffic.cpus(world, grantee);
        EntriesV2.page(world.granter(), REF, World.GRANTEE, 0);
        EntriesV2.page(world.granter(), REF + 1, World.GRANTEE, 1);
        Race.run(() -> mapAndLook(world, cpus[0], REF, 0), () -> mapAndLook(world, cpus[1], REF + 1, 1));
    }

    private static void mapAndLook(World world, Cpu cpu, int ref, int slot) {
        long address = world.grantee().slot(slot);
        for (int n = 0; n < TIMES; n++) {
            Mapped mapped = cpu.call(MapCall.of(World.GRANTER, ref).at(address));
            Expect.okay(mapped);
            Expect.equal(
                    "while mapped",
                    PERMIT_ACCESS | BOTH,
                    world.granter().entry(ref).flags());
            Expect.okay(cpu.call(UnmapCall.of(mapped.handle()).at(address)));
            Expect.equal("afterwards", PERMIT_ACCESS, world.granter().entry(ref).flags());
        }
    }

    @Needs(format = "transitive")
    @Clause(
            id = "RACE2-03",
            promise =
                    "Two domains lead to each other, and two CPUs copy both ways at once: no copy waits for the other for"
                            + " ever, each works, and nothing is held afterwards.",
            source = "xen-semantics.md, 8.1 row 33 (XSA-411)")
    void toAndFro(World world) {
        Party grantee = Traffic.twoCpus(world);
        Party granter = world.granter();
        Party third = inVersionTwo(world.third());
        Cpu[] cpus = Traffic.cpus(world, grantee);
        EntriesV2.page(granter, FAR, World.THIRD, 0);
        EntriesV2.page(third, FAR, World.GRANTER, 0);
        EntriesV2.hop(granter, HOP, World.GRANTEE, World.THIRD, FAR);
        EntriesV2.hop(third, HOP, World.GRANTEE, World.GRANTER, FAR);
        Ledger ledger = Ledger.of(world, granter, third, grantee);
        Race.run(
                () -> copyBothWays(cpus[0], new Through(grantee, World.GRANTER, HOP), Set.of(Status.OKAY)),
                () -> copyBothWays(cpus[1], new Through(grantee, World.THIRD, HOP), Set.of(Status.OKAY)));
        ledger.check();
        for (Party party : new Party[] {granter, third}) {
            Expect.equal("flags and marks", TRANSITIVE, party.entry(HOP).flags());
            Expect.equal("flags and marks", PERMIT_ACCESS, party.entry(FAR).flags());
        }
    }

    @Needs(format = "transitive")
    @BothTables
    @Clause(
            id = "RACE2-04",
            promise =
                    "Two CPUs copy through one grant of a grant: each copy works, or ends with GNTST_eagain because the"
                            + " other kept coming in between.",
            source = "xen-semantics.md, 2.7.5 row 6 (the element is retried)")
    void oneHopTwice(World world) {
        Party grantee = Traffic.twoCpus(world);
        Cpu[] cpus = Traffic.cpus(world, grantee);
        Through copies = granted(world, grantee);
        Ledger ledger = Ledger.of(world, world.granter(), world.third(), grantee);
        Set<Integer> allowed = Set.of(Status.OKAY, Status.EAGAIN);
        Race.run(() -> copyBothWays(cpus[0], copies, allowed), () -> copyBothWays(cpus[1], copies, allowed));
        ledger.check();
        atRest(world);
        copies.works(world.third(), 0);
    }

    @Needs(format = "transitive")
    @BothTables
    @Clause(
            id = "RACE2-05",
            promise = "The far domain withdraws and grants again under copies: each works or finds it withdrawn, and"
                    + " neither entry stays marked.",
            source = "xen-semantics.md, 2.7.5, 3.4")
    void farWithdrawn(World world) {
        Party grantee = world.grantee();
        Through copies = granted(world, grantee);
        Cpu cpu = new Cpu(grantee.vcpu(), grantee.page(60));
        Ledger ledger = Ledger.of(world, world.granter(), world.third(), grantee);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    try {
                        copyBothWays(cpu, copies, Set.of(Status.OKAY, Status.GENERAL_ERROR, Status.EAGAIN));
                    } finally {
                        over.set(true);
                    }
                },
                () -> {
                    while (!over.get()) {
                        world.third().entry(FAR).set("domid", World.THIRD);
                        Traffic.pause(1);
                        world.third().entry(FAR).set("domid", World.GRANTER);
                    }
                });
        ledger.check();
        atRest(world);
    }

    @Needs(format = {"transitive", "swap"})
    @BothTables
    @Clause(
            id = "RACE2-06",
            promise =
                    "The granter exchanges a grant of a grant with a grant of its own under copies: each reaches one of"
                            + " the two pages.",
            source = "xen-semantics.md, 2.11, 3.11 (swap is a writer)")
    void swapped(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Through copies = granted(world, grantee);
        EntriesV2.page(granter, HOP + 1, World.GRANTEE, 4);
        granter.store(granter.page(4), 1);
        world.third().store(world.third().page(0), 2);
        Cpu copier = new Cpu(grantee.vcpu(), grantee.page(60));
        Cpu swapper = new Cpu(granter.vcpu(), granter.page(60));
        Ledger ledger = Ledger.of(world, granter, world.third(), grantee);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    try {
                        for (int n = 0; n < 10 * TIMES; n++) {
                            int status = copier.call(copies.outCall(0, 8)).status();
                            expectOneOf(Set.of(Status.OKAY, Status.EAGAIN), status);
                            if (status == Status.OKAY) {
                                long page = grantee.load(grantee.page(Through.OUT));
                                Expect.holds("one of the two pages", page == 1 || page == 2);
                            }
                        }
                    } finally {
                        over.set(true);
                    }
                },
                () -> {
                    while (!over.get()) {
                        Answer answer = swapper.call(new SwapCall(HOP, HOP + 1));
                        expectOneOf(Set.of(Status.OKAY, Status.EAGAIN), answer.status());
                    }
                });
        // A mark may have been carried away: a hop holds no lock, so its entry is not in use for swap, as in Xen.
        ledger.check();
    }

    @Clause(
            id = "RACE2-07",
            promise = "The granter changes its version to and fro while a reference from 0 to 7 is mapped and unmapped:"
                    + " every map, unmap and change works, and no mark is left.",
            source = "xen-semantics.md, 2.9, 3.11; 8.1 rows 36 and 37 (XSA-501, XSA-517)")
    void changesUnderMappings(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        EntriesV2.page(granter, 7, World.GRANTEE, 0);
        Cpu mapper = new Cpu(grantee.vcpu(), grantee.page(60));
        Cpu changer = new Cpu(granter.vcpu(), granter.page(60));
        Ledger ledger = Ledger.beforeAnyTable(world, granter, grantee);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    while (!over.get()) {
                        Mapped mapped = mapper.call(MapCall.of(World.GRANTER, 7).at(grantee.slot(0)));
                        Expect.okay(mapped);
                        Expect.okay(mapper.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
                    }
                },
                () -> {
                    try {
                        for (int n = 0; n < CHANGES; n++) {
                            Expect.rc(0, changer.call(new SetVersionCall(1)).rc());
                            Expect.rc(0, changer.call(new SetVersionCall(2)).rc());
                        }
                    } finally {
                        over.set(true);
                    }
                });
        ledger.check();
        Expect.equal("flags and marks", PERMIT_ACCESS, granter.entry(7).flags());
    }

    @Needs(format = {"sub-page", "transitive"})
    @BothTables
    @Clause(
            id = "RACE2-08",
            promise = "The granter changes its version under copies through a part of a page and a grant of a grant: a"
                    + " change works, or is -EBUSY or -EAGAIN while one is under way; a copy works or is refused; no byte"
                    + " of another page is copied, and nothing is left marked or held.",
            source = "xen-semantics.md, 2.9 row 6b; 8.1 row 36 (XSA-501)")
    void changesUnderCopies(World world) {
        Party grantee = Traffic.twoCpus(world);
        Party granter = world.granter();
        Cpu[] cpus = Traffic.cpus(world, grantee);
        Through hop = granted(world, grantee);
        Through part = new Through(grantee, World.GRANTER, 3);
        EntriesV2.part(granter, 3, World.GRANTEE, 0, 0, 64);
        Cpu changer = new Cpu(granter.vcpu(), granter.page(60));
        Ledger ledger = Ledger.beforeAnyTable(world, granter, world.third(), grantee);
        AtomicBoolean over = new AtomicBoolean();
        Set<Integer> allowed = Set.of(Status.OKAY, Status.GENERAL_ERROR, Status.EAGAIN);
        Race.run(
                () -> {
                    while (!over.get()) {
                        copyBothWays(cpus[0], hop, 1, allowed);
                    }
                },
                () -> {
                    while (!over.get()) {
                        copyBothWays(cpus[1], part, 1, allowed);
                    }
                },
                () -> {
                    try {
                        for (int n = 0; n < CHANGES; n++) {
                            changeAndGrant(granter, changer);
                        }
                    } finally {
                        over.set(true);
                    }
                });
        ledger.check();
        Expect.equal("in force", 2, granter.domain().tableFormat().version());
        atRest(world);
        Expect.equal("marks", 0, granter.entry(3).flags() & BOTH);
        hop.works(world.third(), 0);
        part.works(granter, 0);
    }

    /** Back to version 2, where both entries are written anew. */
    private static void changeAndGrant(Party granter, Cpu changer) {
        Set<Integer> allowed = Set.of(0, -Errno.EBUSY, -Errno.EAGAIN);
        expectOneOf(allowed, (int) changer.call(new SetVersionCall(1)).rc());
        Version back = changer.call(new SetVersionCall(2));
        Expect.equal("back in version 2", new Version(0, 2), back);
        EntriesV2.part(granter, 3, World.GRANTEE, 0, 0, 64);
        EntriesV2.hop(granter, HOP, World.GRANTEE, World.THIRD, FAR);
    }

    @Clause(
            id = "RACE2-09",
            promise = "What the granter has withdrawn by both words nobody has mapped, and once the calls are over that"
                    + " were under way it shows no mark.",
            source = "xen-semantics.md, 3.12 (clear flags, barrier, then look at status), 3.4 step 5")
    void withdrawnIsNotMapped(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        Cpu mapper = new Cpu(grantee.vcpu(), grantee.page(60));
        AtomicBoolean withdrawn = new AtomicBoolean();
        AtomicLong calls = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    MapCall map = MapCall.of(World.GRANTER, ref).at(grantee.slot(0));
                    try {
                        while (!over.get()) {
                            Mapped mapped = mapper.call(map);
                            calls.incrementAndGet();
                            if (mapped.status() == Status.OKAY) {
                                Expect.holdsNot("withdrawn and mapped", withdrawn.get());
                                Expect.okay(mapper.call(
                                        UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
                            }
                        }
                    } finally {
                        calls.set(NO_MORE_CALLS);
                    }
                },
                () -> {
                    try {
                        for (int n = 0; n < 10 * TIMES; n++) {
                            if (world.table().end(World.FIRST_INDEX)) {
                                withdrawn.set(true);
                                awaitTwoCalls(calls);
                                Expect.equal(
                                        "flags and marks",
                                        0,
                                        world.granter().entry(ref).flags());
                                withdrawn.set(false);
                                grantAgain(world);
                            }
                        }
                    } finally {
                        over.set(true);
                    }
                });
    }

    /** Whatever call was under way is over then. */
    private static void awaitTwoCalls(AtomicLong calls) {
        long seen = calls.get();
        for (int spin = 0; calls.get() < seen + 2 && calls.get() < NO_MORE_CALLS; spin++) {
            if (spin < TIMES) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(A_MOMENT);
            }
        }
    }

    private static void grantAgain(World world) {
        world.table()
                .grant(
                        World.FIRST_INDEX,
                        World.GRANTEE,
                        world.granter().pageFrame(0),
                        Page.ORDER_4K,
                        Access.READ | Access.WRITE);
    }

    private static void copyBothWays(Cpu cpu, Through copies, Set<Integer> allowed) {
        copyBothWays(cpu, copies, TIMES, allowed);
    }

    private static void copyBothWays(Cpu cpu, Through copies, int times, Set<Integer> allowed) {
        for (int n = 0; n < times; n++) {
            expectOneOf(allowed, cpu.call(copies.outCall(0, 8)).status());
            expectOneOf(allowed, cpu.call(copies.inCall(0, 8)).status());
        }
    }

    private static void expectOneOf(Set<Integer> allowed, int got) {
        Expect.holds("one of " + allowed + ": " + got, allowed.contains(got));
    }

    /** The third domain grants p0 to the granter, who grants it on to the grantee. */
    private static Through granted(World world, Party grantee) {
        world.third()
                .entry(FAR)
                .set("domid", World.GRANTER)
                .set("frame", world.third().pageFrame(0))
                .set("flags", PERMIT_ACCESS);
        EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.THIRD, FAR);
        return new Through(grantee, World.GRANTER, HOP);
    }

    private static void atRest(World world) {
        Expect.equal("flags and marks", TRANSITIVE, world.granter().entry(HOP).flags());
        Expect.equal("flags and marks", PERMIT_ACCESS, world.third().entry(FAR).flags());
    }

    private static Party inVersionTwo(Party party) {
        Expect.equal("set_version", new Version(0, 2), party.call(new SetVersionCall(2)));
        return party;
    }
}
