package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.READONLY;
import static grantlab.api.abi.Gtf.SUB_PAGE;
import static grantlab.api.abi.Gtf.TRANSITIVE;
import static grantlab.api.abi.Gtf.WRITING;

import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.UnmapCall;

/** The entry of a flat table: what its fields say, and the marks that say it is in use. */
@Needs(format = {"flat-home", "in-use-bits"})
public final class AbiClauses implements ClauseFamily {
    private static final int REF = 8;
    private static final int BOTH = READING | WRITING;
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final long NO_FRAME = 0x7fff_ffff;

    /** For ServiceLoader. */
    public AbiClauses() {}

    @Override
    public String prefix() {
        return "ABI";
    }

    @Override
    public String title() {
        return "The entry and its marks";
    }

    @Needs(format = "layout-v1")
    @Clause(
            id = "ABI-01",
            promise =
                    "In version 1 reference n is the 8 bytes at 8n: flags, domid, frame, little endian, 512 in a frame of the"
                            + " table.",
            source = "xen-semantics.md, 1.1; xen/include/public/grant_table.h, struct grant_entry_v1")
    void entryLayout(World world) {
        Party granter = world.granter();
        world.step("the granter writes entries as plain words: the first, one in the middle, the last");
        long table = Page.address(granter.domain().tableFrames().sharedFrame(0));
        granter.store(granter.page(3), GREETING);
        for (int ref : new int[] {0, 77, 511}) {
            long word = granter.pageFrame(3) << 32 | (long) World.GRANTEE << 16 | PERMIT_ACCESS;
            world.machine().memory().store64(table + 8L * ref, word);
            Mapped mapped = map(world, ref, 0);
            Sight.value(world.grantee(), world.grantee().slot(0), GREETING);
            Expect.equal(
                    "the word while mapped",
                    word | BOTH,
                    world.machine().memory().load64(table + 8L * ref));
            unmap(world, mapped, 0);
            Expect.equal("the word", word, world.machine().memory().load64(table + 8L * ref));
        }
    }

    @Clause(
            id = "ABI-02",
            promise = "A read-only map sets GTF_reading, a writable one GTF_writing too, and each goes with its last"
                    + " user.",
            source = "xen-semantics.md, 3.3, 3.5; recording unmap_v1 lines 135..")
    void marks(World world) {
        entry(world, PERMIT_ACCESS);
        world.step("the grantee maps read-only, writable, read-only, and unmaps in that order");
        Mapped first = mapReadOnly(world, 0);
        flags(world, PERMIT_ACCESS | READING);
        Mapped writer = map(world, REF, 1);
        flags(world, PERMIT_ACCESS | BOTH);
        Mapped last = mapReadOnly(world, 2);
        flags(world, PERMIT_ACCESS | BOTH);
        unmap(world, first, 0);
        flags(world, PERMIT_ACCESS | BOTH);
        unmap(world, writer, 1);
        flags(world, PERMIT_ACCESS | READING);
        unmap(world, last, 2);
        flags(world, PERMIT_ACCESS);
        Expect.equal("domid", World.GRANTEE, world.granter().entry(REF).get("domid"));
        Expect.equal(
                "frame",
                world.granter().pageFrame(0),
                world.granter().entry(REF).get("frame"));
    }

    @Clause(
            id = "ABI-03",
            promise =
                    "An entry of no type and one that accepts a page give no access: -1 for every use, without a mark.",
            source = "xen-semantics.md, 1.4, 3.3; recording map_v1 lines 184..238")
    void wrongTypes(World world) {
        for (int flags : new int[] {0, 2, READONLY, 2 | READONLY}) {
            noAccess(world, flags, 0);
            noAccess(world, flags, BOTH);
        }
    }

    @Lacks(format = "transitive")
    @Clause(
            id = "ABI-12",
            promise = "Where there are no grants of grants their type gives no access, like any other.",
            source = "xen-semantics.md, 1.4 (in a v1 table value 3 is simply a wrong type)")
    void typeThree(World world) {
        noAccess(world, TRANSITIVE, 0);
        noAccess(world, TRANSITIVE | READONLY, BOTH);
    }

    private static void noAccess(World world, int flags, int forged) {
        entry(world, flags).forge(forged);
        world.step("the grantee tries to use flags " + flags + ", marks " + forged);
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(call(world, REF, 0)));
        Expect.status(
                Status.GENERAL_ERROR, world.grantee().call(call(world, REF, 0).readonly()));
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(copyOut(world)));
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(copyIn(world)));
        flags(world, flags | forged);
    }

    @Clause(
            id = "ABI-04",
            promise = "The cache bits and bits 9 to 15 of flags mean nothing and are kept.",
            source = "xen-semantics.md, 1.4, 3.13; recording map_v1 lines 283..370")
    void ignoredBits(World world) {
        for (int bits : new int[] {0x20, 0x40, 0x80, 0xe0, 0x200, 0x400, 0x8000, 0xfe00, 0xfee0}) {
            int flags = PERMIT_ACCESS | bits;
            entry(world, flags);
            world.step("the grantee uses an entry with the bits 0x" + Integer.toHexString(bits));
            Mapped mapped = map(world, REF, 0);
            flags(world, flags | BOTH);
            Sight.value(world.grantee(), world.grantee().slot(0), GREETING);
            unmap(world, mapped, 0);
            flags(world, flags);
            Expect.okay(world.grantee().call(copyIn(world)));
            flags(world, flags);
            world.granter().store(world.granter().page(0), GREETING);
        }
    }

    @Lacks(format = "sub-page")
    @Clause(
            id = "ABI-05",
            promise = "Where there are no parts of pages their bit forbids mapping and means nothing to a copy.",
            source = "xen-semantics.md, 3.3; recording map_v1 lines 327..348")
    void subPageBit(World world) {
        int flags = PERMIT_ACCESS | SUB_PAGE;
        entry(world, flags);
        world.step("the grantee maps, then copies");
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(call(world, REF, 0)));
        Expect.status(
                Status.GENERAL_ERROR, world.grantee().call(call(world, REF, 0).readonly()));
        flags(world, flags);
        Expect.okay(world.grantee().call(copyOut(world)));
        Sight.value(world.grantee(), world.grantee().page(0), GREETING);
        Expect.okay(world.grantee().call(copyIn(world)));
        flags(world, flags);
    }

    @Clause(
            id = "ABI-06",
            promise =
                    "Bits that the granter forged go with the last use: reading with any, writing only with a writer.",
            source = "xen-semantics.md, 3.5; recording map_v1 lines 250..282")
    void forgedBits(World world) {
        for (int forged : new int[] {READING, WRITING, BOTH}) {
            entry(world, PERMIT_ACCESS).forge(forged);
            world.step("the grantee maps and unmaps read-only, then writable; forged are " + forged);
            Mapped reader = mapReadOnly(world, 0);
            flags(world, PERMIT_ACCESS | READING | forged);
            unmap(world, reader, 0);
            flags(world, PERMIT_ACCESS | (forged & WRITING));
            Mapped writer = map(world, REF, 0);
            flags(world, PERMIT_ACCESS | BOTH);
            unmap(world, writer, 0);
            flags(world, PERMIT_ACCESS);

            world.step("the grantee copies out, then in");
            entry(world, PERMIT_ACCESS).forge(forged);
            Expect.okay(world.grantee().call(copyOut(world)));
            flags(world, PERMIT_ACCESS | (forged & WRITING));
            Expect.okay(world.grantee().call(copyIn(world)));
            flags(world, PERMIT_ACCESS);
        }
    }

    @Clause(
            id = "ABI-07",
            promise = "The first writer of an entry in use is held to its readonly bit, and to nothing else of it.",
            source = "xen-semantics.md, 2.1 (details), 3.3 step 2; recording unmap_v1 lines 91..134")
    void upgradeChecksReadonly(World world) {
        entry(world, PERMIT_ACCESS);
        Mapped reader = mapReadOnly(world, 0);
        world.step("the granter makes it read-only: no writer");
        world.granter().entry(REF).set("flags", PERMIT_ACCESS | READONLY).forge(READING);
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(call(world, REF, 1)));
        flags(world, PERMIT_ACCESS | READONLY | READING);

        world.step("the granter closes it and names somebody else: a writer all the same, on the page of old");
        world.granter().entry(REF).set("domid", World.THIRD);
        world.granter().entry(REF).set("frame", world.granter().pageFrame(1));
        world.granter().entry(REF).set("flags", SUB_PAGE);
        Mapped writer = map(world, REF, 1);
        flags(world, SUB_PAGE | BOTH);
        Sight.value(world.grantee(), world.grantee().slot(1), GREETING);
        Expect.equal("dev_bus_addr", Page.address(world.granter().machineFrame(0)), writer.deviceAddress());
        unmap(world, writer, 1);
        unmap(world, reader, 0);
        flags(world, SUB_PAGE);
    }

    @Clause(
            id = "ABI-08",
            promise = "A use that fails on the frame takes its marks back, a writer's also if they were forged.",
            source = "xen-semantics.md, 3.5, 11.1 rule 5; xen-semantics.md, 12.13")
    void marksTakenBack(World world) {
        for (int forged : new int[] {0, BOTH}) {
            world.step("the grantee reads through a frame that does not exist; forged are " + forged);
            entry(world, PERMIT_ACCESS).forge(forged).set("frame", NO_FRAME);
            Expect.status(
                    Status.BAD_PAGE, world.grantee().call(call(world, REF, 0).readonly()));
            flags(world, PERMIT_ACCESS | (forged & WRITING));
            entry(world, PERMIT_ACCESS).forge(forged).set("frame", NO_FRAME);
            Expect.status(Status.BAD_PAGE, world.grantee().call(copyOut(world)));
            flags(world, PERMIT_ACCESS | (forged & WRITING));

            world.step("the grantee writes through it");
            entry(world, PERMIT_ACCESS).forge(forged).set("frame", NO_FRAME);
            Expect.status(Status.BAD_PAGE, world.grantee().call(call(world, REF, 0)));
            flags(world, PERMIT_ACCESS);
            entry(world, PERMIT_ACCESS).forge(forged).set("frame", NO_FRAME);
            Expect.status(Status.BAD_PAGE, world.grantee().call(copyIn(world)));
            flags(world, PERMIT_ACCESS);
        }
    }

    @Clause(
            id = "ABI-09",
            promise = "The domid of an entry is a plain number: no special id means the caller, and all 16 bits count.",
            source = "xen-semantics.md, 1.9; XSA-316")
    void plainDomid(World world) {
        world.third();
        for (int domid : new int[] {World.GRANTER, World.THIRD, Domid.SELF, Domid.INVALID, 0x102, 0x8002, 0xffff}) {
            entry(world, PERMIT_ACCESS).set("domid", domid);
            world.step("the grantee uses an entry for domain " + domid);
            Expect.status(Status.GENERAL_ERROR, world.grantee().call(call(world, REF, 0)));
            Expect.status(Status.GENERAL_ERROR, world.grantee().call(copyOut(world)));
            flags(world, PERMIT_ACCESS);
        }
    }

    @Clause(
            id = "ABI-10",
            promise = "A read-only entry is marked as being read only, and a refused writer leaves no mark.",
            source = "xen-semantics.md, 3.3 step 3; recording map_v1 lines 239..249")
    void readOnlyEntry(World world) {
        int flags = PERMIT_ACCESS | READONLY;
        entry(world, flags);
        world.step("the grantee maps it writable, then read-only, then writable again");
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(call(world, REF, 0)));
        flags(world, flags);
        Mapped reader = mapReadOnly(world, 0);
        flags(world, flags | READING);
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(call(world, REF, 1)));
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(copyIn(world)));
        flags(world, flags | READING);
        unmap(world, reader, 0);
        flags(world, flags);
    }

    @Needs(format = "layout-v1", granter = "translated")
    @Clause(
            id = "ABI-11",
            promise = "In version 1 the frame is a number without a sign: all 32 bits of it count.",
            source = "xen-semantics.md, 1.1, 3.6")
    void frameUnsigned(World world) {
        Party granter = world.granter();
        for (long gfn : new long[] {0x7fff_fff0L, 0x9000_0000L, 0xffff_fff0L}) {
            world.step("the granter takes memory at frame 0x" + Long.toHexString(gfn) + " and grants it");
            Expect.rc(1, granter.call(ReservationCall.populate(gfn)).rc());
            long frame = granter.domain().physicalMap().machineFrame(gfn);
            world.machine().memory().store64(Page.address(frame), gfn);
            entry(world, PERMIT_ACCESS).set("frame", gfn);
            Mapped mapped = map(world, REF, 0);
            Sight.value(world.grantee(), world.grantee().slot(0), gfn);
            unmap(world, mapped, 0);
            Expect.okay(world.grantee().call(copyOut(world)));
            Sight.value(world.grantee(), world.grantee().page(0), gfn);
        }
    }

    /** The granter writes its greeting to p0, and the entry for the grantee. */
    private static TableEntry entry(World world, int flags) {
        Party granter = world.granter();
        world.step("the granter writes the entry: flags 0x" + Integer.toHexString(flags));
        granter.store(granter.page(0), GREETING);
        return granter.entry(REF)
                .set("domid", World.GRANTEE)
                .set("frame", granter.pageFrame(0))
                .set("flags", flags)
                .forge(0);
    }

    private static void flags(World world, int expected) {
        Expect.equal("flags and marks", expected, world.granter().entry(REF).flags());
    }

    private static MapCall call(World world, long ref, int slot) {
        return MapCall.of(World.GRANTER, ref).at(world.grantee().slot(slot));
    }

    private static Mapped map(World world, long ref, int slot) {
        Mapped mapped = world.grantee().call(call(world, ref, slot));
        Expect.okay(mapped);
        return mapped;
    }

    private static Mapped mapReadOnly(World world, int slot) {
        Mapped mapped = world.grantee().call(call(world, REF, slot).readonly());
        Expect.okay(mapped);
        return mapped;
    }

    private static void unmap(World world, Mapped mapped, int slot) {
        Expect.okay(world.grantee()
                .call(UnmapCall.of(mapped.handle()).at(world.grantee().slot(slot))));
    }

    private static CopyCall copyOut(World world) {
        return CopyCall.from(
                CopyCall.of(World.GRANTER, REF, 0), CopyCall.own(world.grantee().pageFrame(0), 0), Long.BYTES);
    }

    private static CopyCall copyIn(World world) {
        return CopyCall.to(
                CopyCall.own(world.grantee().pageFrame(0), 0), CopyCall.of(World.GRANTER, REF, 0), Long.BYTES);
    }
}
