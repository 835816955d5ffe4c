package grantlab.conformance.clause;

import static grantlab.conformance.clause.FlatReferences.FAULT;
import static grantlab.conformance.clause.FlatReferences.MARKS;
import static grantlab.conformance.clause.FlatReferences.REF;
import static grantlab.conformance.clause.FlatReferences.agree;
import static grantlab.conformance.clause.FlatReferences.expectEntry;
import static grantlab.conformance.clause.FlatReferences.expectPrivate;
import static grantlab.conformance.clause.FlatReferences.expectTaken;
import static grantlab.conformance.clause.FlatReferences.fates;
import static grantlab.conformance.clause.FlatReferences.map;
import static grantlab.conformance.clause.FlatReferences.refuse;
import static grantlab.conformance.clause.FlatReferences.revocation;
import static grantlab.conformance.clause.FlatReferences.unmap;

import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingRegister;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.ArrayList;
import java.util.List;

/** How much one call takes, what it refuses, whom it tells, and who agreed. */
@Needs(format = "layout-tree")
@Concerns(Member.SEARCH)
final class FlatCalls {
    private static final int GRANTEE_PORT = 9;
    private static final int TURNS = 60;
    private static final int WHOLE = 12;
    private static final int LEFT = 4;
    private static final int DONE = 2;
    private static final int PART = 7;
    private static final int GARBAGE = 7;
    private static final int FAR = 20;
    private static final int ATTEMPTS = 1_000_000;

    @Clause(
            id = "FLAT-12",
            promise =
                    "A range goes as a whole: of several grantees, with more mappings of one reference than a slice has; and only"
                            + " the range goes.",
            source = "grant-v3.md, 8.2, phases 3 to 5")
    void manyReferences(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        TreeDriver driver = new TreeDriver(grantee);
        agree(grantee);
        agree(third);
        FlatVersions.inEither(world, version -> {
            for (int n = 0; n < 40; n++) {
                FlatVersions.grant(world, version, REF + n, n % 2 == 0 ? World.GRANTEE : World.THIRD, n % 20, 0);
            }
            List<Mapped> handles = new ArrayList<>();
            List<V3Answer> records = new ArrayList<>();
            for (int slot = 0; slot < 60; slot++) {
                // Reference 2 alone has more mappings than one slice.
                int n = slot < 50 ? 2 : 2 * (slot - 50);
                if (slot % 2 == 0) {
                    handles.add(map(grantee, REF + n, slot));
                } else {
                    records.add(driver.hold(REF + n, slot, V3Map.ACCEPT_FAULT | V3Map.WRITE));
                }
            }
            List<Mapped> theirs = new ArrayList<>();
            for (int n = 1; n < 40; n += 2) {
                theirs.add(map(third, REF + n, n));
            }
            expectTaken(world, revocation(REF, 39), 60 + 19);
            for (int slot = 0; slot < 60; slot++) {
                Sight.nothing(grantee, grantee.slot(slot));
            }
            Expect.equal("vector", 0, third.tryLoad(third.slot(39)));
            Sight.nothing(third, third.slot(37));
            world.machine().checkInvariants();
            expectTaken(world, revocation(REF, 39), 0);
            records.forEach(driver::letGo);
            for (int n = 0; n < handles.size(); n++) {
                unmap(grantee, handles.get(n), 2 * n);
            }
            for (int n = 0; n < theirs.size(); n++) {
                unmap(third, theirs.get(n), 2 * n + 1);
            }
            for (int n = 0; n < 39; n++) {
                expectEntry(world, REF + n, 0);
            }
            FlatVersions.end(world, REF + 39);
            world.machine().checkInvariants();
        });
    }

    @Clause(
            id = "FLAT-13",
            promise = "What is wrong with the request is refused before anything happens.",
            source = "grant-v3.md, REVOKE-5 to REVOKE-7")
    void refusals(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped mapped = map(grantee, REF, 0);
            V3Call sound = revocation(REF, 1);
            long size = world.granter().references();
            refuse(world, Status.INVAL, revocation(0, 0).and(V3Revoke.WHOLE_TREE));
            refuse(world, Status.STALE, sound.with(V3Revoke.GEN, 1));
            refuse(world, Status.BAD_GNTREF, sound.with(V3Revoke.FIRST, size));
            refuse(
                    world,
                    Status.BAD_GNTREF,
                    sound.with(V3Revoke.FIRST, size - 1).with(V3Revoke.COUNT, 2));
            refuse(world, Status.BAD_GNTREF, sound.with(V3Revoke.FIRST, -1));
            refuse(world, Status.BAD_SIZE, sound.with(V3Revoke.COUNT, 0));
            refuse(world, Status.INVAL, sound.with(V3Revoke.DONE, 2));
            refuse(world, Status.UNSUPPORTED, sound.with(V3Revoke.CPU_FATE, V3Revoke.CPU_SNAPSHOT + 1));
            Sight.value(grantee, grantee.slot(0), 0);
            expectTaken(world, revocation(size - 1, 1), 0);
            expectTaken(world, sound.with(V3Revoke.COUNT, 3).with(V3Revoke.DONE, 1), 0);
            Sight.value(grantee, grantee.slot(0), 0);
            expectTaken(world, sound, 1);
            unmap(grantee, mapped, 0);
        });
    }

    @Interruptible
    @Clause(
            id = "FLAT-40",
            promise =
                    "A granter that changes its entry before every look holds nobody up: the answer is unstable, and the call that is made"
                            + " when it is at rest takes all.",
            source = "grant-v3.md, 8.2, phase 1; SEC-3")
    void neverAtRest(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped mapped = map(grantee, REF, 0);
            TableEntry entry = world.granter().entry(REF);
            int looks = world.interruption()
                    .throughout(
                            () -> entry.set("flags", entry.get("flags") ^ Gtf.PCD),
                            () -> refuse(world, Status.UNSTABLE, revocation(REF, 1)));
            Expect.holds("it changed at all", looks > 0);
            expectTaken(world, revocation(REF, 1), 1);
            Sight.nothing(grantee, grantee.slot(0));
            unmap(grantee, mapped, 0);
            expectEntry(world, REF, 0);
        });
    }

    @Clause(
            id = "FLAT-14",
            promise =
                    "A grantee that maps, copies, and unmaps at wrong addresses all the time keeps nothing: when the call returns"
                            + " the page is the granter's alone.",
            source = "grant-v3.md, 8.2; I6")
    void againstABusyGrantee(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.use(world, 1);
        long references = world.references(0);
        FlatVersions.grant(world, 1, REF, 0, 0);
        FlatVersions.grant(world, 1, REF + 1, 0, 0);
        Race.run(
                () -> {
                    Driver driver = new Driver(grantee);
                    for (int turn = 0; turn < TURNS; turn++) {
                        Mapped first =
                                grantee.call(MapCall.of(World.GRANTER, REF).at(grantee.slot(0)));
                        Mapped second =
                                grantee.call(MapCall.of(World.GRANTER, REF + 1).at(grantee.slot(1)));
                        driver.copyOut(REF, 3);
                        undo(grantee, first, 1, 0);
                        undo(grantee, second, 0, 1);
                    }
                },
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        Expect.okay(world.granter().call(revocation(REF, 2)));
                        expectPrivate(world, 0, references);
                        for (int ref = REF; ref < REF + 2; ref++) {
                            if ((world.granter().entry(ref).flags() & MARKS) == 0) {
                                FlatVersions.grant(world, 1, ref, 0, 0);
                            }
                        }
                    }
                });
        world.machine().checkInvariants();
    }

    /** Unmaps at one of two addresses, and goes on as long as it is too early. */
    private static void undo(Party grantee, Mapped mapped, int slot, int other) {
        int status = mapped.status() == Status.OKAY ? Status.EAGAIN : Status.OKAY;
        for (int attempt = 0; status != Status.OKAY; attempt++) {
            Expect.holds("the mapping stands at one of two addresses", attempt < ATTEMPTS);
            int at = attempt % 2 == 0 ? slot : other;
            status = grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(at)))
                    .status();
        }
    }

    @Clause(
            id = "FLAT-15",
            promise = "The grantee is told on the ring that serves the granter which references were taken.",
            source = "grant-v3.md, 9")
    void told(World world) {
        Party grantee = world.grantee();
        EventRing ring = EventRing.register(grantee.kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of RING_SET", Status.OKAY, ring.serve(World.GRANTER));
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped mapped = map(grantee, REF, 0);
            expectTaken(world, revocation(REF - 1, 3), 1);
            Event event = new Event();
            Expect.holds("the grantee is told", ring.next(event));
            Expect.equal("type", V3RingEntry.REVOKED, event.type);
            Expect.equal("slot", 0, event.slot);
            Expect.equal("first", REF, event.first);
            Expect.equal("count", 1, event.count);
            Expect.holdsNot("another event is there", ring.next(event));
            unmap(grantee, mapped, 0);
        });
    }

    @Clause(
            id = "FLAT-16",
            promise =
                    "Legacy fates are announced ones, set by a domain while it has no mapping by operation 0, or by the toolstack.",
            source = "grant-v3.md, 8.4, FAULT-9, FAULT-10")
    void legacyFates(World world) {
        Party grantee = world.grantee();
        for (int bit : new int[] {1, 2, 3, 16, 17, 31}) {
            Expect.status(Status.UNSUPPORTED, grantee.call(fates(1 << bit)));
        }
        FlatVersions.grant(world, 1, REF, 0, 0);
        Mapped mapped = map(grantee, REF, 0);
        Expect.status(Status.BUSY, grantee.call(fates(FAULT)));
        refuse(world, Status.NOT_REVOCABLE, revocation(REF, 1));
        Expect.rc(0, Toolstack.of(world).tryPolicy(World.GRANTEE, 0, FAULT));
        expectTaken(world, revocation(REF, 1), 1);
        Expect.status(Status.BUSY, grantee.call(fates(0)));
        unmap(grantee, mapped, 0);
        Expect.okay(grantee.call(fates(0)));
        FlatVersions.grant(world, 1, REF, 0, 0);
        mapped = map(grantee, REF, 0);
        refuse(world, Status.NOT_REVOCABLE, revocation(REF, 1));
        unmap(grantee, mapped, 0);
    }

    @Clause(
            id = "FLAT-43",
            promise =
                    "A call that says how far it came before goes on from there: who uses what lies before need not agree and keeps it. It"
                            + " says how far it came, and nothing in its answer is from before.",
            source = "grant-v3.md, section 1; REVOKE-8; v3_revoke: done")
    void goesOn(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            List<Mapped> theirs = new ArrayList<>();
            List<Mapped> mapped = new ArrayList<>();
            for (int n = 0; n < WHOLE; n++) {
                boolean before = n < LEFT;
                FlatVersions.grant(world, version, REF + n, before ? World.THIRD : World.GRANTEE, n, 0);
                (before ? theirs : mapped).add(map(before ? third : grantee, REF + n, n));
            }
            long first = REF + LEFT - DONE;
            V3Answer answer = world.granter()
                    .call(revocation(first, PART)
                            .with(V3Revoke.DONE, DONE)
                            .with(V3Revoke.UNMAPPED, GARBAGE)
                            .with(V3Revoke.REPLACED, GARBAGE)
                            .with(V3Revoke.RESULT, GARBAGE));
            Expect.okay(answer);
            Expect.equal("references done", PART, answer.get(V3Revoke.DONE));
            Expect.equal("mappings removed", PART - DONE, answer.get(V3Revoke.UNMAPPED));
            Expect.equal("mappings replaced", 0, answer.get(V3Revoke.REPLACED));
            Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
            int behind = LEFT - DONE + PART;
            for (int n = 0; n < WHOLE; n++) {
                Party user = n < LEFT ? third : grantee;
                if (n >= LEFT && n < behind) {
                    Sight.nothing(user, user.slot(n));
                } else {
                    Expect.equal("vector at slot " + n, 0, user.tryLoad(user.slot(n)));
                }
            }
            refuse(world, Status.NOT_REVOCABLE, revocation(first, PART).with(V3Revoke.DONE, DONE - 1));
            for (int n = 0; n < WHOLE; n++) {
                unmap(n < LEFT ? third : grantee, n < LEFT ? theirs.get(n) : mapped.get(n - LEFT), n);
                FlatVersions.end(world, REF + n);
            }
        });
    }

    @Clause(
            id = "FLAT-46",
            promise =
                    "Through slot 0 nothing is had of a page's part, nor of what somebody else granted: v3_map says what operation 0 says, v3_copy leaves"
                            + " them to operation 5; nothing is marked, and what is behind has the references it had.",
            source = "grant-v3.md, COEX-3")
    void partsAndHops(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        FlatVersions.use(world, 2);
        TreeDriver driver = new TreeDriver(grantee);
        Party third = world.third();
        Expect.rc(0, third.call(new SetVersionCall(2)).rc());
        EntriesV2.page(third, FAR, World.GRANTER, 2);
        Ledger ledger = Ledger.beforeAnyTable(world, granter, grantee, third);
        EntriesV2.part(granter, REF, World.GRANTEE, 1, 64, 128);
        EntriesV2.hop(granter, REF + 1, World.GRANTEE, World.THIRD, FAR);
        for (int ref = REF; ref <= REF + 1; ref++) {
            Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
            Expect.different("status of operation 0", Status.OKAY, mapped.status());
            V3Answer answer = driver.map(ref, 0, V3Map.WRITE);
            Expect.status(mapped.status(), answer);
            Expect.equal("pages mapped", 0, answer.get(V3Map.DONE));
            V3Answer copied = grantee.call(driver.copying(ref, 0, Long.BYTES));
            Expect.status(Status.GENERAL_ERROR, copied);
            Expect.equal("bytes copied", 0, copied.get(V3Copy.DONE));
            Expect.bits("entry " + ref, MARKS, 0, granter.entry(ref).flags());
        }
        Expect.bits("entry behind", MARKS, 0, third.entry(FAR).flags());
        ledger.check();
        world.machine().checkInvariants();
    }
}
