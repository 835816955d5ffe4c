package grantlab.conformance.clause;

import static grantlab.conformance.clause.FlatReferences.MARKS;
import static grantlab.conformance.clause.FlatReferences.REF;
import static grantlab.conformance.clause.FlatReferences.agree;
import static grantlab.conformance.clause.FlatReferences.expectEntry;
import static grantlab.conformance.clause.FlatReferences.expectPrivate;
import static grantlab.conformance.clause.FlatReferences.expectTaken;
import static grantlab.conformance.clause.FlatReferences.map;
import static grantlab.conformance.clause.FlatReferences.refuse;
import static grantlab.conformance.clause.FlatReferences.revocation;
import static grantlab.conformance.clause.FlatReferences.unmap;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;

/** Mappings of references, wherever they stand by now. */
@Needs(format = "layout-tree")
@Concerns(Member.SEARCH)
final class FlatMappings {
    private static final String SOURCE = "grant-v3.md, 8.2, Slot 0";
    private static final long PRESENT_WRITABLE = 7;
    private static final int TABLE_PAGE = 20;
    private static final int ENTRY = 3;

    @Clause(
            id = "FLAT-01",
            promise =
                    "A page comes back from a grantee that agreed and never unmaps. Until it acknowledges, the entry has no"
                            + " type and its marks, and whoever maps or copies is told that it was revoked.",
            source = SOURCE)
    void takesBack(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped mapped = map(grantee, REF, 0);
            grantee.store(grantee.slot(0), 0xabcdL);
            expectTaken(world, revocation(REF, 1), 1);
            expectPrivate(world, 0, references);
            Sight.nothing(grantee, grantee.slot(0));
            Sight.value(world.granter(), world.granter().page(0), 0xabcdL);
            expectEntry(world, REF, MARKS);
            Expect.status(
                    Status.REVOKED, grantee.call(MapCall.of(World.GRANTER, REF).at(grantee.slot(1))));
            Expect.status(Status.REVOKED, driver.map(REF, 1, 0));
            Expect.status(Status.REVOKED, grantee.call(driver.copying(REF, 1, 8)));
            Expect.status(
                    Status.REVOKED,
                    grantee.call(CopyCall.from(
                            CopyCall.of(World.GRANTER, REF, 0), CopyCall.own(grantee.pageFrame(1), 0), 8)));
            world.machine().checkInvariants();
            expectTaken(world, revocation(REF, 1), 0);
            unmap(grantee, mapped, 0);
            expectEntry(world, REF, 0);
            Expect.status(
                    Status.BAD_HANDLE,
                    grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
            world.step("the granter grants the reference anew");
            FlatVersions.grant(world, version, REF, 0, 0);
            unmap(grantee, map(grantee, REF, 0), 0);
            FlatVersions.end(world, REF);
            expectPrivate(world, 0, references);
        });
    }

    @Clause(
            id = "FLAT-02",
            promise =
                    "Without consent nothing is taken: one mapping by operation 0 of a grantee that accepts no fate, and the whole"
                            + " range stays as it was.",
            source = "grant-v3.md, 8.1, REVOKE-8")
    void needsConsent(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        agree(third);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, World.THIRD, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 1, 0);
            Mapped willing = map(third, REF, 0);
            Mapped unwilling = map(grantee, REF + 1, 0);
            refuse(world, Status.NOT_REVOCABLE, revocation(REF, 2));
            Expect.bits(
                    "entry",
                    Gtf.TYPE_MASK,
                    Gtf.PERMIT_ACCESS,
                    world.granter().entry(REF).flags());
            Sight.value(third, third.slot(0), 0);
            Sight.value(grantee, grantee.slot(0), 0);
            unmap(grantee, unwilling, 0);
            expectTaken(world, revocation(REF, 2), 1);
            Sight.nothing(third, third.slot(0));
            unmap(third, willing, 0);
            world.machine().checkInvariants();
        });
    }

    @Clause(
            id = "FLAT-03",
            promise = "A mapping through slot 0 accepts or refuses for itself, whatever was agreed for operation 0.",
            source = "grant-v3.md, 8.1")
    void throughSlotZero(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            V3Answer first = driver.hold(REF, 0, V3Map.WRITE | V3Map.ACCEPT_FAULT);
            V3Answer second = driver.hold(REF, 1, V3Map.ACCEPT_FAULT);
            V3Answer unwilling = driver.hold(REF, 2, 0);
            world.machine().checkInvariants();
            refuse(world, Status.NOT_REVOCABLE, revocation(REF, 1));
            driver.letGo(unwilling);
            expectTaken(world, revocation(REF, 1), 2);
            expectPrivate(world, 0, references);
            world.machine().checkInvariants();
            Sight.nothing(grantee, grantee.slot(0));
            driver.letGo(first);
            expectEntry(world, REF, Gtf.READING);
            driver.letGo(second);
            expectEntry(world, REF, 0);
            world.machine().checkInvariants();
        });
    }

    @Clause(
            id = "FLAT-04",
            promise =
                    "Two references to one page whose handles are unmapped each at the other's address: whichever is left is"
                            + " found and taken.",
            source = "grant-v3.md, 8.2; xen-semantics.md, 7.4 (unmap takes any address that matches)")
    void atEachOthersAddress(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 0, 0);
            world.step("a read-only one and another page stand in between");
            FlatVersions.grant(world, version, REF + 2, 0, Gtf.READONLY);
            FlatVersions.grant(world, version, REF + 3, 5, 0);
            Mapped readOnly = map(
                    grantee,
                    MapCall.of(World.GRANTER, REF + 2).at(grantee.slot(2)).readonly());
            Mapped otherPage = map(grantee, REF + 3, 3);
            Mapped first = map(grantee, REF, 0);
            Mapped second = map(grantee, REF + 1, 1);
            unmap(grantee, first, 1);
            expectTaken(world, revocation(REF + 1, 1), 1);
            Sight.nothing(grantee, grantee.slot(0));
            Sight.nothing(grantee, grantee.slot(1));
            Expect.equal("vector", 0, grantee.tryLoad(grantee.slot(2)));
            expectTaken(world, revocation(REF, 4), 2);
            expectPrivate(world, 0, references);
            unmap(grantee, second, 1);
            unmap(grantee, readOnly, 2);
            unmap(grantee, otherPage, 3);
            world.machine().checkInvariants();
        });
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "FLAT-19",
            promise =
                    "HVM: a writable and a read-only mapping of one page whose handles are unmapped each at the other's address:"
                            + " whichever is left is found and taken, with the right that its place has.",
            source = "grant-v3.md, 8.2; xen-semantics.md, 6.6 (unmap asks for the frame, not for the right)")
    void atTheAddressOfAnotherRight(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            for (int left = 0; left < 2; left++) {
                long references = world.references(0);
                FlatVersions.grant(world, version, REF, 0, 0);
                Mapped writable = map(grantee, REF, 0);
                Mapped readOnly = map(
                        grantee,
                        MapCall.of(World.GRANTER, REF).at(grantee.slot(1)).readonly());
                world.step("handle " + left + " is what is left, at the other's address");
                unmap(grantee, left == 0 ? readOnly : writable, left);
                world.machine().checkInvariants();
                expectTaken(world, revocation(REF, 1), 1);
                expectPrivate(world, 0, references);
                unmap(grantee, left == 0 ? writable : readOnly, 1 - left);
                expectEntry(world, REF, 0);
                world.machine().checkInvariants();
            }
        });
    }

    @Needs(grantee = "typed-frames")
    @DisturbedByDevices(value = "the handles that lost their places still serve devices", where = DeviceSight.BUS)
    @Clause(
            id = "FLAT-05",
            promise =
                    "A page-table entry that its guest overwrote is let be. A handle that lost its place so is in nobody's way: what"
                            + " stands at that place later, or moves there, is found by its own handle.",
            source = "grant-v3.md, 8.2, phase 3")
    void overwrittenEntry(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            for (int n = 0; n < 4; n++) {
                FlatVersions.grant(world, version, REF + n, n == 0 ? 5 : 0, n == 1 ? Gtf.READONLY : 0);
            }
            Mapped otherFrame = map(grantee, REF, 0);
            Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
            Mapped otherRight = map(
                    grantee,
                    MapCall.of(World.GRANTER, REF + 1).at(grantee.slot(0)).readonly());
            Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
            Mapped here = map(grantee, REF + 2, 0);
            Mapped elsewhere = map(grantee, REF + 3, 1);
            world.step("the one at m1 is unmapped at m0: now the other one is at m1");
            unmap(grantee, elsewhere, 0);
            expectTaken(world, revocation(REF + 2, 1), 1);
            Sight.nothing(grantee, grantee.slot(1));
            expectPrivate(world, 0, references);
            world.step("an entry that leads to the grantee's own page stays");
            Mapped last = map(grantee, REF + 3, 2);
            Expect.rc(
                    0, grantee.updateEntry(grantee.slot(2), Page.address(grantee.machineFrame(2)) | PRESENT_WRITABLE));
            grantee.store(grantee.slot(2), 99);
            expectTaken(world, revocation(REF, 4), 3);
            Sight.value(grantee, grantee.slot(2), 99);
            expectPrivate(world, 0, references);
            unmap(grantee, otherFrame, 0);
            unmap(grantee, otherRight, 0);
            unmap(grantee, here, 0);
            unmap(grantee, last, 2);
            Sight.value(grantee, grantee.slot(2), 99);
            Expect.rc(0, grantee.updateEntry(grantee.slot(2), 0));
            world.machine().checkInvariants();
        });
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLAT-06",
            promise =
                    "A mapping in a page table that no root reaches is found, and one that is seen at two addresses because its"
                            + " table is linked twice goes at both.",
            source = "grant-v3.md, 8.2, phases 3 and 4")
    void strangeTables(World world) {
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        agree(grantee);
        long table = grantee.machineFrame(TABLE_PAGE);
        Expect.rc(0, grantee.updateEntry(grantee.page(TABLE_PAGE), 0));
        Expect.holds("it is a page table", frames.getType(table, FrameTable.TYPE_L1));
        long place = Page.address(table) + (long) ENTRY * Long.BYTES;
        MapCall byEntry = MapCall.of(World.GRANTER, REF).at(place).flags(Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped mapped = map(grantee, byEntry);
            expectTaken(world, revocation(REF, 1), 1);
            expectPrivate(world, 0, references);
            Expect.equal("the entry", 0, world.machine().memory().load64(place));
            Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(place)));
        });
        world.step("the table is linked twice");
        long second = frames.nextOwned(World.GRANTEE, 0);
        while (frames.type(second) != FrameTable.TYPE_L2) {
            second = frames.nextOwned(World.GRANTEE, second + 1);
        }
        long base = grantee.page(0) & -(1L << 30);
        for (int index = 100; index < 102; index++) {
            Expect.holds("another use as a table", frames.getType(table, FrameTable.TYPE_L1));
            Expect.holds("another reference", frames.get(table, Page.ORDER_4K, World.GRANTEE));
            world.machine().memory().store64(Page.address(second) + 8L * index, Page.address(table) | 0x27);
        }
        long once = base + (100L << 21) + Page.address(ENTRY);
        long again = base + (101L << 21) + Page.address(ENTRY);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped mapped = map(grantee, byEntry);
            grantee.store(once, 7);
            Sight.value(grantee, again, 7);
            expectTaken(world, revocation(REF, 1), 1);
            Sight.nothing(grantee, once);
            Sight.nothing(grantee, again);
            expectPrivate(world, 0, references);
            Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(place)));
        });
        for (int index = 100; index < 102; index++) {
            world.machine().memory().store64(Page.address(second) + 8L * index, 0);
            frames.putType(table);
            frames.put(table, Page.ORDER_4K);
        }
        frames.putType(table);
        world.machine().checkInvariants();
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "FLAT-20",
            promise =
                    "What v3_map made of a reference has the fate that it accepted, what operation 0 made is gone; what stands in"
                            + " outlives the granter, and ends with the acknowledgement.",
            source = "grant-v3.md, 8.1; 8.2, Slot 0")
    void fates(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        agree(grantee);
        Reserves.reserve(grantee, 1);
        granter.store(granter.page(0), 0x1234);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            Mapped handle = map(grantee, REF, 0);
            V3Answer copied = driver.hold(REF, 1, V3Map.WRITE | V3Map.ACCEPT_SNAPSHOT);
            V3Answer zeroed = driver.hold(REF, 2, V3Map.ACCEPT_ZERO);
            V3Answer answer = granter.call(revocation(REF, 1).with(V3Revoke.CPU_FATE, V3Revoke.CPU_SNAPSHOT));
            Expect.okay(answer);
            Expect.equal("mappings replaced", 2, answer.get(V3Revoke.REPLACED));
            Expect.equal("mappings removed", 1, answer.get(V3Revoke.UNMAPPED));
            expectPrivate(world, 0, references);
            Sight.nothing(grantee, grantee.slot(0));
            Sight.value(grantee, grantee.slot(1), 0x1234);
            Sight.readOnly(grantee, grantee.slot(2), 0);
            world.machine().checkInvariants();
            unmap(grantee, handle, 0);
            driver.letGo(copied);
            Sight.nothing(grantee, grantee.slot(1));
            driver.letGo(zeroed);
            expectEntry(world, REF, 0);
        });
        world.step("the granter dies");
        FlatVersions.grant(world, 2, REF, 0, 0);
        V3Answer copied = driver.hold(REF, 1, V3Map.WRITE | V3Map.ACCEPT_SNAPSHOT);
        Expect.okay(granter.call(revocation(REF, 1).with(V3Revoke.CPU_FATE, V3Revoke.CPU_SNAPSHOT)));
        world.destroy(granter);
        Sight.value(grantee, grantee.slot(1), 0x1234);
        driver.letGo(copied);
        Sight.nothing(grantee, grantee.slot(1));
        Reserves.expectUnneeded(grantee);
        world.machine().checkInvariants();
    }
}
