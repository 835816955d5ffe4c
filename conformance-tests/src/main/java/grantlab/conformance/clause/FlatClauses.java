package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapAndReplaceCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.ArrayList;
import java.util.List;

/** v3_revoke of slot 0: references of a flat table of version 1 or 2 come back from a grantee that does nothing for it. */
@Needs(format = "layout-tree")
public final class FlatClauses implements ClauseFamily {
    private static final String SOURCE = "grant-v3.md, 8.2, Slot 0";
    private static final int REF = 9;
    private static final int MARKS = Gtf.READING | Gtf.WRITING;
    private static final int FAULT = 1 << V3Revoke.CPU_FAULT;
    private static final long PRESENT_WRITABLE = 7;
    private static final int GRANTEE_PORT = 9;
    private static final int BOTH_PARTS = Gntmap.HOST_MAP | Gntmap.DEVICE_MAP;
    private static final int TURNS = 60;
    private static final int ATTEMPTS = 1_000_000;
    private static final int MANY = 60;
    private static final int TABLE_PAGE = 20;
    private static final int ENTRY = 3;

    /** For ServiceLoader. */
    public FlatClauses() {}

    @Override
    public String prefix() {
        return "FLAT";
    }

    @Override
    public String title() {
        return "Taking back references of a flat table";
    }

    // ---- what clauses do

    private static V3Call revocation(long first, long count) {
        return V3Call.of(V3Form.REVOKE)
                .and(V3Revoke.FORCE)
                .with(V3Revoke.SCRATCH_GFN, V3Revoke.NO_SCRATCH)
                .with(V3Revoke.FIRST, first)
                .with(V3Revoke.COUNT, count);
    }

    private static void expectTaken(World world, V3Call revocation, int mappings) {
        V3Answer answer = world.granter().call(revocation);
        Expect.okay(answer);
        Expect.equal("mappings removed", mappings, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
    }

    private static V3Call fates(int fates) {
        return V3Call.of(V3Form.GRANTEE_CTL)
                .with(V3Head.FLAGS, V3GranteeCtl.LEGACY_FATES_SET)
                .with(V3GranteeCtl.LEGACY_FATES, fates);
    }

    private static void agree(Party grantee) {
        Expect.okay(grantee.call(fates(FAULT)));
    }

    private static Mapped map(Party grantee, long ref, int slot) {
        return map(grantee, MapCall.of(World.GRANTER, ref).at(grantee.slot(slot)));
    }

    private static Mapped map(Party grantee, MapCall call) {
        Mapped mapped = grantee.call(call);
        Expect.okay(mapped);
        return mapped;
    }

    private static void unmap(Party grantee, Mapped mapped, int slot) {
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(slot))));
    }

    /** By exhaustive search of what the grantee has: no place leads to a page of the granter, which has the references it had. */
    private static void expectPrivate(World world, int page, long references) {
        Party grantee = world.grantee();
        long frame = world.granter().machineFrame(page);
        long place = grantee.translated()
                ? grantee.domain().physicalMap().findNext(frame, 0)
                : grantee.domain().addressSpace().findNext(frame, 0);
        Expect.equal("the place at which the grantee has page " + page, -1, place);
        Expect.equal("references of page " + page, references, world.references(page));
    }

    /** Nothing is granted any more, and whether it still is to be acknowledged. */
    private static void expectEntry(World world, int ref, int marks) {
        int flags = world.granter().entry(ref).flags();
        Expect.equal("type of entry " + ref, 0, flags & Gtf.TYPE_MASK);
        Expect.bits("entry " + ref, MARKS, marks, flags);
    }

    private static void refuse(World world, int status, V3Call call) {
        Expect.status(status, world.granter().call(call));
    }

    // ---- the heart of it

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

    @Needs(grantee = "typed-frames")
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

    @Clause(
            id = "FLAT-07",
            promise =
                    "Parts of pages and grants of grants are only copied, and nobody has to agree for that: their entries grant"
                            + " nothing any more.",
            source = "grant-v3.md, 8.2, Slot 0")
    void partsAndHops(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Party third = world.third();
        FlatVersions.use(world, 2);
        EntriesV2.part(granter, REF, World.GRANTEE, 0, 0, 64);
        third.entry(REF)
                .set("domid", World.GRANTER)
                .set("frame", third.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
        EntriesV2.hop(granter, REF + 1, World.GRANTEE, World.THIRD, REF);
        List<CopyCall> copies = new ArrayList<>();
        for (int ref = REF; ref < REF + 2; ref++) {
            copies.add(CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), CopyCall.own(grantee.pageFrame(1), 0), 8));
        }
        for (CopyCall copy : copies) {
            Expect.okay(grantee.call(copy));
        }
        expectTaken(world, revocation(REF, 2), 0);
        expectEntry(world, REF, 0);
        expectEntry(world, REF + 1, 0);
        for (CopyCall copy : copies) {
            Expect.status(Status.GENERAL_ERROR, grantee.call(copy));
        }
        world.machine().checkInvariants();
    }

    @Needs(grantee = "device-mappings")
    @Clause(
            id = "FLAT-08",
            promise =
                    "Both parts of a mapping for CPU and device are taken, and each is acknowledged for itself; a mapping for devices"
                            + " alone needs no consent.",
            source = "grant-v3.md, 8.1, 8.2")
    void forDevices(World world) {
        Party grantee = world.grantee();
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            long types = world.machine().frames().typeUses(world.granter().machineFrame(0));
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 0, 0);
            agree(grantee);
            Mapped both = map(
                    grantee, MapCall.of(World.GRANTER, REF).at(grantee.slot(0)).flags(BOTH_PARTS));
            expectTaken(world, revocation(REF, 1), 1);
            Sight.nothing(grantee, grantee.slot(0));
            Expect.okay(grantee.call(UnmapCall.of(both.handle()).at(grantee.slot(0))));
            expectEntry(world, REF, MARKS);
            world.machine().checkInvariants();
            Expect.okay(grantee.call(UnmapCall.of(both.handle()).device(both.deviceAddress())));
            expectEntry(world, REF, 0);
            Expect.okay(grantee.call(fates(0)));
            Mapped device = map(grantee, MapCall.of(World.GRANTER, REF + 1).flags(Gntmap.DEVICE_MAP));
            expectTaken(world, revocation(REF + 1, 1), 1);
            expectPrivate(world, 0, references);
            Expect.equal(
                    "uses of its type",
                    types,
                    world.machine().frames().typeUses(world.granter().machineFrame(0)));
            Expect.okay(grantee.call(UnmapCall.of(device.handle()).device(device.deviceAddress())));
            world.machine().checkInvariants();
        });
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLAT-09",
            promise =
                    "unmap_and_replace acknowledges too, and replaces nothing: what the grantee put at either address stays.",
            source = "grant-v3.md, 8.2, Slot 0")
    void replaced(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 1, 0);
            Mapped mapped = map(grantee, REF, 0);
            expectTaken(world, revocation(REF, 1), 1);
            world.step("the grantee uses the place for something else");
            Mapped other = map(grantee, REF + 1, 0);
            grantee.store(grantee.slot(0), 77);
            Expect.okay(grantee.call(new UnmapAndReplaceCall(mapped.handle(), grantee.slot(0), grantee.page(7))));
            Sight.value(grantee, grantee.slot(0), 77);
            Sight.value(grantee, grantee.page(7), 0);
            expectEntry(world, REF, 0);
            unmap(grantee, other, 0);
            world.machine().checkInvariants();
        });
    }

    @Clause(
            id = "FLAT-10",
            promise =
                    "A granter that dies leaves nothing of what it took back; the grantee acknowledges all the same, be it that"
                            + " another domain has the number by then.",
            source = "grant-v3.md, 8.2; xen-semantics.md, 2.2 (an unmap of what is nobody's crashes its caller)")
    void granterDies(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        agree(grantee);
        FlatVersions.grant(world, 1, REF, 0, 0);
        FlatVersions.grant(world, 1, REF + 1, 1, 0);
        Mapped first = map(grantee, REF, 0);
        Mapped second = map(grantee, REF, 1);
        V3Answer third = driver.hold(REF + 1, 2, V3Map.ACCEPT_FAULT);
        expectTaken(world, revocation(REF, 2), 3);
        DomainConfig config = world.granter().domain().config();
        world.destroy(world.granter());
        Expect.equal(
                "domains with the number",
                0,
                world.machine().domains().stream()
                        .filter(domain -> domain.domid() == World.GRANTER)
                        .count());
        world.machine().checkInvariants();
        unmap(grantee, first, 0);
        Expect.status(
                Status.BAD_HANDLE, grantee.call(UnmapCall.of(first.handle()).at(grantee.slot(0))));
        Expect.okay(world.boot(config).call(V3Call.of(V3Form.QUERY)));
        unmap(grantee, second, 1);
        driver.letGo(third);
        Expect.holds("the grantee runs", grantee.domain().running());
        world.machine().checkInvariants();
    }

    @Clause(
            id = "FLAT-11",
            promise = "A grantee that dies with something to acknowledge leaves nothing behind.",
            source = "grant-v3.md, 8.2, phase 7")
    void granteeDies(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        agree(grantee);
        long references = world.references(0);
        FlatVersions.grant(world, 1, REF, 0, 0);
        FlatVersions.grant(world, 1, REF + 1, 0, 0);
        map(grantee, REF, 0);
        driver.hold(REF, 1, V3Map.ACCEPT_FAULT);
        map(grantee, REF + 1, 2);
        boolean device = !grantee.translated();
        if (device) {
            map(grantee, MapCall.of(World.GRANTER, REF).at(grantee.slot(3)).flags(BOTH_PARTS));
        }
        expectTaken(world, revocation(REF, 1), device ? 3 : 2);
        world.destroy(grantee);
        expectEntry(world, REF, 0);
        Expect.bits(
                "the entry that was not taken",
                MARKS,
                0,
                world.granter().entry(REF + 1).flags());
        Expect.equal("references", references, world.references(0));
        world.machine().checkInvariants();
    }

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
            refuse(world, Status.UNSUPPORTED, sound.with(V3Revoke.CPU_FATE, V3Revoke.CPU_ZERO));
            Sight.value(grantee, grantee.slot(0), 0);
            expectTaken(world, revocation(size - 1, 1), 0);
            expectTaken(world, sound.with(V3Revoke.COUNT, 3).with(V3Revoke.DONE, 1), 0);
            Sight.value(grantee, grantee.slot(0), 0);
            expectTaken(world, sound, 1);
            unmap(grantee, mapped, 0);
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
            id = "FLAT-17",
            promise =
                    "A grantee that dies while its mappings are being taken leaves nothing behind, and nobody waits for ever.",
            source = "grant-v3.md, 8.2; I7")
    void granteeDiesMeanwhile(World world) {
        long references = world.references(0);
        holdMany(world);
        Race.run(
                () -> {
                    for (int n = 0; n < MANY; n++) {
                        Expect.okay(world.granter().call(revocation(REF + n, 1)));
                    }
                },
                () -> Expect.rc(0, world.machine().destroyDomain(World.GRANTEE)));
        for (int n = 0; n < MANY; n++) {
            expectEntry(world, REF + n, 0);
        }
        Expect.equal("references", references, world.references(0));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "FLAT-18",
            promise =
                    "A granter that dies while it takes back leaves no mapping in between: each can be unmapped, and then nothing of"
                            + " the granter is left.",
            source = "grant-v3.md, 8.2; I7")
    void granterDiesMeanwhile(World world) {
        Party grantee = world.grantee();
        List<Mapped> handles = holdMany(world);
        Race.run(
                () -> Traffic.untilDead(world.granter(), () -> world.granter().call(revocation(REF, MANY))),
                () -> Expect.rc(0, world.machine().destroyDomain(World.GRANTER)));
        for (int n = 0; n < MANY; n++) {
            unmap(grantee, handles.get(n), n);
        }
        world.machine().checkInvariants();
    }

    /** The same page by many references, each at a slot. */
    private static List<Mapped> holdMany(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        List<Mapped> handles = new ArrayList<>();
        for (int n = 0; n < MANY; n++) {
            FlatVersions.grant(world, 1, REF + n, 0, 0);
            handles.add(map(grantee, REF + n, n));
        }
        return handles;
    }
}
