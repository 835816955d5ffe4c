package grantlab.conformance.clause;

import static grantlab.conformance.clause.FlatReferences.BOTH_PARTS;
import static grantlab.conformance.clause.FlatReferences.MARKS;
import static grantlab.conformance.clause.FlatReferences.REF;
import static grantlab.conformance.clause.FlatReferences.agree;
import static grantlab.conformance.clause.FlatReferences.asking;
import static grantlab.conformance.clause.FlatReferences.expectAsked;
import static grantlab.conformance.clause.FlatReferences.expectEntry;
import static grantlab.conformance.clause.FlatReferences.expectPrivate;
import static grantlab.conformance.clause.FlatReferences.expectTaken;
import static grantlab.conformance.clause.FlatReferences.map;
import static grantlab.conformance.clause.FlatReferences.refuse;
import static grantlab.conformance.clause.FlatReferences.revocation;
import static grantlab.conformance.clause.FlatReferences.unmap;

import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.abi.V3RingRegister;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.concurrent.atomic.AtomicBoolean;

/** A granter asks for references of its flat table; what their grantees do not let go of is taken. */
@Needs(format = "layout-tree")
final class FlatRequests {
    private static final String SOURCE = "grant-v3.md, 8.2, Slot 0";
    private static final int PENDING = V3Revoke.SOFT_PENDING;
    private static final int GRANTEE_PORT = 9;

    /** More than a slice has, and than requests that may wait. */
    private static final int MANY = 40;

    private static final int TURNS = 60;
    private static final int ATTEMPTS = 1_000_000;
    private static final long SECRET = 0x5ec2e7;

    private static EventRing ring(Party grantee) {
        EventRing ring = EventRing.register(grantee.kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of RING_SET", Status.OKAY, ring.serve(World.GRANTER));
        return ring;
    }

    private static void expectRequest(EventRing ring, long first, long count) {
        Event event = RingForms.expectNext(ring, V3RingEntry.REVOKE_REQUEST);
        Expect.equal("slot", 0, event.slot);
        Expect.equal("generation", 0, event.generation);
        Expect.equal("first", first, event.first);
        Expect.equal("count", count, event.count);
        Expect.equal("cookie", 0, event.cookie);
    }

    private static CopyCall copying(Party copier, long ref) {
        return CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), CopyCall.own(copier.pageFrame(1), 0), 8);
    }

    /** Operation 0, 5, and the calls of v3 through slot 0. */
    private static void expectRefused(int status, Party party, long ref, int slot) {
        TreeDriver driver = new TreeDriver(party);
        Expect.status(status, party.call(MapCall.of(World.GRANTER, ref).at(party.slot(slot))));
        Expect.status(status, party.call(copying(party, ref)));
        Expect.status(status, driver.map(ref, slot, 0));
        Expect.status(status, party.call(driver.copying(ref, 1, 8)));
    }

    @Clause(
            id = "FLAT-21",
            promise =
                    "SOFT on slot 0 takes nothing and needs no consent: nothing new begins, and only the grantee hears why; it goes"
                            + " on with what it has until it unmaps. With its last use, by whichever call it was made, the marks go,"
                            + " and the reference can be granted anew.",
            source = SOURCE)
    void asks(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped handle = map(grantee, REF, 0);
            V3Answer record = driver.hold(REF, 1, 0);
            expectAsked(world, asking(REF, 1), PENDING);
            expectEntry(world, REF, MARKS);
            grantee.store(grantee.slot(0), 5);
            Sight.value(world.granter(), world.granter().page(0), 5);
            Sight.value(grantee, grantee.slot(1), 5);
            expectRefused(Status.REVOKED, grantee, REF, 2);
            expectRefused(Status.GENERAL_ERROR, third, REF, 0);
            world.step("the granter writes a new grant too early");
            FlatVersions.grant(world, version, REF, 0, version == 1 ? MARKS : 0);
            expectRefused(Status.REVOKED, grantee, REF, 2);
            expectAsked(world, asking(REF, 1), PENDING);
            expectEntry(world, REF, MARKS);
            world.machine().checkInvariants();
            world.step("the grantee lets go");
            unmap(grantee, handle, 0);
            expectRefused(Status.REVOKED, grantee, REF, 2);
            expectEntry(world, REF, Gtf.READING);
            expectAsked(world, asking(REF, 1), PENDING);
            driver.letGo(record);
            expectEntry(world, REF, 0);
            expectAsked(world, asking(REF, 1), 0);
            expectPrivate(world, 0, references);
            expectRefused(Status.GENERAL_ERROR, grantee, REF, 2);
            world.step("the granter grants the reference anew, to somebody else");
            FlatVersions.grant(world, version, REF, World.THIRD, 0, 0);
            unmap(third, map(third, REF, 0), 0);
            FlatVersions.grant(world, version, REF, 0, 0);
            unmap(grantee, map(grantee, REF, 0), 0);
            driver.expectMaps(REF);
            FlatVersions.end(world, REF);
            expectPrivate(world, 0, references);
            world.machine().checkInvariants();
        });
    }

    @Clause(
            id = "FLAT-22",
            promise =
                    "Where nothing of slot 0 is mapped SOFT is over at once and nobody is asked: entries of every type grant nothing"
                            + " any more, copies that are over are no use, and what was taken back by force is not asked for.",
            source = SOURCE)
    void nothingInUse(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        EventRing ring = ring(grantee);
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            unmap(grantee, map(grantee, REF, 0), 0);
            Expect.okay(grantee.call(copying(grantee, REF)));
            granter.entry(REF + 1).set("domid", World.GRANTEE).set("flags", Gtf.ACCEPT_TRANSFER);
            int count = 2;
            if (version == 2) {
                EntriesV2.part(granter, REF + 2, World.GRANTEE, 0, 0, 64);
                Expect.okay(grantee.call(copying(grantee, REF + 2)));
                EntriesV2.hop(granter, REF + 3, World.GRANTEE, World.THIRD, REF);
                count = 4;
            }
            expectAsked(world, asking(REF, count), 0);
            for (int n = 0; n < count; n++) {
                expectEntry(world, REF + n, 0);
                expectRefused(Status.GENERAL_ERROR, grantee, REF + n, 0);
            }
            world.step("what was taken by force waits for its acknowledgement, not for a request");
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped mapped = map(grantee, REF, 0);
            expectTaken(world, revocation(REF, 1), 1);
            RingForms.expectNext(ring, V3RingEntry.REVOKED);
            expectAsked(world, asking(REF, 1), 0);
            expectEntry(world, REF, MARKS);
            unmap(grantee, mapped, 0);
            expectEntry(world, REF, 0);
            RingForms.expectNothing(ring);
            world.machine().checkInvariants();
        });
    }

    @Clause(
            id = "FLAT-23",
            promise =
                    "Each grantee that has mapped something of the range is asked once by a call, on the ring that serves the granter,"
                            + " with the range; more while that is unread set the dirty bit of slot 0. A range of several slices is"
                            + " one request.",
            source = "grant-v3.md, 9; 8.2, Slot 0")
    void told(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        EventRing ring = ring(grantee);
        EventRing thirds = ring(third);
        FlatVersions.inEither(world, version -> {
            for (int n = 0; n < MANY; n++) {
                FlatVersions.grant(world, version, REF + n, n % 2 == 0 ? World.GRANTEE : World.THIRD, n % 20, 0);
            }
            Mapped first = map(grantee, REF, 0);
            Mapped last = map(grantee, REF + MANY - 2, 1);
            long notified = grantee.vcpu().notifications(GRANTEE_PORT);
            expectAsked(world, asking(REF, MANY), PENDING);
            expectRequest(ring, REF, MANY);
            RingForms.expectNothing(ring);
            RingForms.expectNothing(thirds);
            Expect.holdsNot("slot 0 is dirty", ring.takeDirty().get(0));
            Expect.equal("notifications", notified + 1, grantee.vcpu().notifications(GRANTEE_PORT));
            for (int n = 0; n < MANY; n++) {
                expectEntry(world, REF + n, n == 0 || n == MANY - 2 ? MARKS : 0);
            }
            world.step("a part of it, and the grantee reads nothing meanwhile");
            expectAsked(world, asking(REF + MANY - 2, 2), PENDING);
            expectAsked(world, asking(REF, 1), PENDING);
            expectRequest(ring, REF + MANY - 2, 2);
            RingForms.expectNothing(ring);
            Expect.holds("slot 0 is dirty", ring.takeDirty().get(0));
            Expect.equal("lost", 0, grantee.load(ring.header(V3RingHeader.LOST)));
            world.step("what lies between is in nobody's hands");
            expectAsked(world, asking(REF + 1, MANY - 3), 0);
            FlatVersions.grant(world, version, REF + 1, World.THIRD, 1, 0);
            Mapped theirs = map(third, REF + 1, 0);
            expectAsked(world, asking(REF, 2).with(V3Revoke.DONE, 1), PENDING);
            expectRequest(thirds, REF, 2);
            RingForms.expectNothing(ring);
            unmap(third, theirs, 0);
            unmap(grantee, first, 0);
            unmap(grantee, last, 1);
            expectAsked(world, asking(REF, MANY), 0);
            RingForms.expectNothing(ring);
            RingForms.expectNothing(thirds);
            world.machine().checkInvariants();
        });
    }

    @Concerns(Member.SEARCH)
    @Clause(
            id = "FLAT-24",
            promise =
                    "FORCE takes over what was asked for, if its grantee agreed; without consent it stays asked for. Then there is"
                            + " something to acknowledge, and nothing is asked for any more.",
            source = "grant-v3.md, 8.2, Slot 0; REVOKE-8")
    void takenOver(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 1, 0);
            Mapped unwilling = map(grantee, REF, 0);
            V3Answer willing = driver.hold(REF, 1, V3Map.ACCEPT_FAULT);
            V3Answer other = driver.hold(REF + 1, 2, V3Map.ACCEPT_FAULT);
            expectAsked(world, asking(REF, 2), PENDING);
            refuse(world, Status.NOT_REVOCABLE, revocation(REF, 1));
            Sight.value(grantee, grantee.slot(0), 0);
            expectAsked(world, asking(REF, 1), PENDING);
            unmap(grantee, unwilling, 0);
            expectTaken(world, revocation(REF, 1), 1);
            expectPrivate(world, 0, references);
            Sight.nothing(grantee, grantee.slot(1));
            Sight.value(grantee, grantee.slot(2), 0);
            expectAsked(world, asking(REF, 1), 0);
            expectEntry(world, REF, Gtf.READING);
            expectRefused(Status.REVOKED, grantee, REF, 3);
            world.machine().checkInvariants();
            driver.letGo(willing);
            expectEntry(world, REF, 0);
            expectAsked(world, asking(REF, 2), PENDING);
            driver.letGo(other);
            expectAsked(world, asking(REF, 2), 0);
            world.step("operation 0, by agreement");
            agree(grantee);
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped handle = map(grantee, REF, 0);
            expectAsked(world, asking(REF, 1), PENDING);
            expectTaken(world, revocation(REF, 1), 1);
            expectPrivate(world, 0, references);
            unmap(grantee, handle, 0);
            expectEntry(world, REF, 0);
            Expect.okay(grantee.call(FlatReferences.fates(0)));
            FlatVersions.grant(world, version, REF, 0, 0);
            driver.expectMaps(REF);
            world.machine().checkInvariants();
        });
    }

    @Clause(
            id = "FLAT-25",
            promise =
                    "A grantee that dies has let go of what was asked for; a granter that dies waits for nothing any more, and its"
                            + " grantee unmaps as ever.",
            source = SOURCE)
    void deaths(World world) {
        Party third = world.third();
        Party grantee = world.grantee();
        long references = world.references(0);
        FlatVersions.grant(world, 1, REF, 0, 0);
        FlatVersions.grant(world, 1, REF + 1, World.THIRD, 0, 0);
        map(grantee, REF, 0);
        new TreeDriver(grantee).hold(REF, 1, 0);
        Mapped left = map(third, REF + 1, 0);
        V3Answer record = new TreeDriver(third).hold(REF + 1, 1, 0);
        expectAsked(world, asking(REF, 2), PENDING);
        world.destroy(grantee);
        expectEntry(world, REF, 0);
        expectAsked(world, asking(REF, 1), 0);
        expectAsked(world, asking(REF, 2), PENDING);
        world.machine().checkInvariants();
        FlatVersions.grant(world, 1, REF, World.THIRD, 0, 0);
        unmap(third, map(third, REF, 2), 2);
        Expect.holds("the third has the page yet", world.references(0) > references);
        world.step("the granter dies");
        world.destroy(world.granter());
        Sight.value(third, third.slot(0), 0);
        unmap(third, left, 0);
        new TreeDriver(third).letGo(record);
        Expect.holdsNot(
                "the granter is known", world.machine().domains().stream().anyMatch(d -> d.domid() == World.GRANTER));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "FLAT-26",
            promise =
                    "A request of slot 0 is one like any other: with no tree, no fates, and not to be waited for with ASYNC. It has no"
                            + " name and none of the places that revocations of a granter have, and changes nothing that it does not"
                            + " name.",
            source = "grant-v3.md, REVOKE-2 to REVOKE-7, REVOKE-20, REVOKE-22")
    void refusals(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.grant(world, 1, REF, 0, 0);
        Mapped mapped = map(grantee, REF, 0);
        V3Call sound = asking(REF, 1);
        long size = granter.references();
        refuse(world, Status.INVAL, sound.and(V3Revoke.FORCE));
        refuse(world, Status.INVAL, sound.and(V3Revoke.ASYNC));
        refuse(world, Status.INVAL, asking(0, 0).and(V3Revoke.WHOLE_TREE));
        refuse(world, Status.INVAL, sound.with(V3Revoke.CPU_FATE, V3Revoke.CPU_ZERO));
        refuse(world, Status.INVAL, sound.with(V3Revoke.SCRATCH_GFN, granter.pageFrame(1)));
        refuse(world, Status.STALE, sound.with(V3Revoke.GEN, 1));
        refuse(world, Status.BAD_SIZE, sound.with(V3Revoke.COUNT, 0));
        refuse(world, Status.BAD_GNTREF, sound.with(V3Revoke.FIRST, size));
        refuse(world, Status.BAD_GNTREF, sound.with(V3Revoke.FIRST, size - 1).with(V3Revoke.COUNT, 2));
        refuse(world, Status.BAD_GNTREF, sound.with(V3Revoke.FIRST, -1));
        refuse(world, Status.INVAL, sound.with(V3Revoke.DONE, 2));
        expectAsked(world, sound.with(V3Revoke.COUNT, 3).with(V3Revoke.DONE, 1), 0);
        V3Answer second = driver.hold(REF, 1, V3Map.ACCEPT_FAULT);
        driver.letGo(second);
        unmap(grantee, mapped, 0);
        world.step("more requests than revocations may wait");
        V3Answer[] held = new V3Answer[MANY];
        for (int n = 0; n < MANY; n++) {
            FlatVersions.grant(world, 1, REF + n, n % 20, 0);
            held[n] = driver.hold(REF + n, n, V3Map.ACCEPT_FAULT);
            expectAsked(world, asking(REF + n, 1), PENDING);
        }
        expectAsked(world, asking(0, REF + MANY), PENDING);
        expectTaken(world, revocation(REF + 1, 1), 1);
        for (V3Answer one : held) {
            driver.letGo(one);
        }
        expectAsked(world, asking(0, REF + MANY), 0);
        Expect.equal("an index behind the range", 0, granter.entry(REF + MANY).get("flags"));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "FLAT-27",
            promise =
                    "What is asked for is in use: it keeps the version of the table, or goes with it where a version may change under"
                            + " a use; the table may grow meanwhile.",
            source = "grant-v3.md, 8.2, Slot 0; xen-semantics.md, 2.9 (references 0 to 7 may be in use)")
    void versions(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        FlatVersions.inEither(world, version -> {
            int reserved = 3;
            FlatVersions.grant(world, version, reserved, 0, 0);
            FlatVersions.grant(world, version, REF, 1, 0);
            Mapped kept = map(grantee, reserved, 0);
            Mapped blocking = map(grantee, REF, 1);
            expectAsked(world, asking(0, REF + 1), PENDING);
            long size = granter.references();
            int frames = granter.domain().tableFrames().sharedCount();
            Expect.okay(granter.call(SetupTableCall.own(frames + 1)));
            Expect.holds("the table has grown", granter.references() > size);
            expectAsked(world, asking(0, REF + 1), PENDING);
            FlatVersions.expectKept(world, 3 - version);
            unmap(grantee, blocking, 1);
            FlatVersions.use(world, 3 - version);
            expectRefused(Status.REVOKED, grantee, reserved, 2);
            expectAsked(world, asking(0, REF + 1), PENDING);
            Sight.value(grantee, grantee.slot(0), 0);
            unmap(grantee, kept, 0);
            expectEntry(world, reserved, 0);
            expectAsked(world, asking(0, REF + 1), 0);
            world.machine().checkInvariants();
        });
    }

    @Needs(grantee = "device-mappings")
    @Clause(
            id = "FLAT-28",
            promise =
                    "What is asked for stays in use until both parts of a mapping for CPU and device are unmapped, and with a mapping"
                            + " for devices alone.",
            source = SOURCE)
    void forDevices(World world) {
        Party grantee = world.grantee();
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped both = map(
                    grantee, MapCall.of(World.GRANTER, REF).at(grantee.slot(0)).flags(BOTH_PARTS));
            expectAsked(world, asking(REF, 1), PENDING);
            Expect.okay(grantee.call(UnmapCall.of(both.handle()).at(grantee.slot(0))));
            expectAsked(world, asking(REF, 1), PENDING);
            expectEntry(world, REF, MARKS);
            Expect.okay(grantee.call(UnmapCall.of(both.handle()).device(both.deviceAddress())));
            expectEntry(world, REF, 0);
            expectAsked(world, asking(REF, 1), 0);
            world.machine().checkInvariants();
        });
    }

    @Clause(
            id = "FLAT-29",
            promise =
                    "A request against a grantee that maps, stores, unmaps and copies all the time: as soon as nothing is pending"
                            + " the page is the granter's alone, with no mark and no reference of others, and no store arrives.",
            source = SOURCE + "; I4")
    void againstABusyGrantee(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        FlatVersions.use(world, 1);
        long references = world.references(0);
        FlatVersions.grant(world, 1, REF, 0, 0);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    while (!over.get()) {
                        useOnce(grantee);
                    }
                },
                () -> {
                    try {
                        for (int turn = 0; turn < TURNS; turn++) {
                            askUntilOver(granter, REF);
                            expectEntry(world, REF, 0);
                            expectPrivate(world, 0, references);
                            granter.store(granter.page(0), SECRET);
                            Traffic.pause(TURNS);
                            Sight.value(granter, granter.page(0), SECRET);
                            granter.store(granter.page(0), 0);
                            FlatVersions.grant(world, 1, REF, 0, 0);
                            Traffic.pause(turn * TURNS);
                        }
                    } finally {
                        over.set(true);
                    }
                });
        world.machine().checkInvariants();
    }

    /** By operation 0, by v3_map and by a copy, if it may. */
    private static void useOnce(Party grantee) {
        TreeDriver driver = new TreeDriver(grantee);
        Mapped handle = grantee.call(MapCall.of(World.GRANTER, REF).at(grantee.slot(0)));
        V3Answer record = driver.map(REF, 1, V3Map.WRITE);
        if (handle.status() == Status.OKAY) {
            grantee.store(grantee.slot(0), 1);
            unmap(grantee, handle, 0);
        }
        if (record.status() == Status.OKAY) {
            grantee.store(grantee.slot(1), 2);
            driver.letGo(record);
        }
        if (grantee.call(copying(grantee, REF)).status() == Status.OKAY) {
            Expect.different("what is copied", SECRET, grantee.load(grantee.page(1)));
        }
    }

    private static void askUntilOver(Party granter, long ref) {
        long result = PENDING;
        for (int attempt = 0; result != 0; attempt++) {
            Expect.holds("the grantee lets go", attempt < ATTEMPTS);
            V3Answer answer = granter.call(asking(ref, 1));
            Expect.okay(answer);
            result = answer.get(V3Revoke.RESULT);
        }
    }

    @Clause(
            id = "FLAT-30",
            promise =
                    "Copies that are under way, through whole pages, parts of pages and grants of grants, are waited for and not asked"
                            + " for: when SOFT returns none of them goes on.",
            source = SOURCE)
    void againstCopies(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Party third = world.third();
        FlatVersions.use(world, 2);
        third.entry(REF)
                .set("domid", World.GRANTER)
                .set("frame", third.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    while (!over.get()) {
                        for (int n = 0; n < 3; n++) {
                            grantee.call(copying(grantee, REF + n));
                        }
                    }
                },
                () -> {
                    try {
                        for (int turn = 0; turn < 10 * TURNS; turn++) {
                            FlatVersions.grant(world, 2, REF, 0, 0);
                            EntriesV2.part(granter, REF + 1, World.GRANTEE, 0, 0, 64);
                            EntriesV2.hop(granter, REF + 2, World.GRANTEE, World.THIRD, REF);
                            Traffic.pause(turn);
                            expectAsked(world, asking(REF, 3), 0);
                            for (int n = 0; n < 3; n++) {
                                expectEntry(world, REF + n, 0);
                            }
                        }
                    } finally {
                        over.set(true);
                    }
                });
        Expect.bits("marks of the far entry", MARKS, 0, third.entry(REF).flags());
        world.machine().checkInvariants();
    }
}
