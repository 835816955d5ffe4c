package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.ACCEPT_TRANSFER;
import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.SUB_PAGE;
import static grantlab.api.abi.Gtf.WRITING;

import grantlab.api.Status;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.UnmapCall;

/** The 16-byte entry of version 2, bit by bit. */
@Needs(format = {"flat-home", "layout-v2"})
public final class EntryV2Clauses implements ClauseFamily {
    private static final String HEADER = "xen/include/public/grant_table.h, union grant_entry_v2";
    private static final int REF = 8;
    private static final long SIZE = 16;
    private static final long GREETING = 0x6772_616e_746c_6162L;

    /** For ServiceLoader. */
    public EntryV2Clauses() {}

    @Override
    public String prefix() {
        return "ABI2";
    }

    @Override
    public String title() {
        return "The entry of version 2";
    }

    @Clause(
            id = "ABI2-01",
            promise = "Reference n is the 16 bytes at 16n: flags, domid, four bytes without a meaning, a frame of 64"
                    + " bits, little endian, 256 in a frame of the table.",
            source = "xen-semantics.md, 1.2; " + HEADER)
    void layout(World world) {
        Party granter = world.granter();
        MachineMemory memory = world.machine().memory();
        long table = Page.address(granter.domain().tableFrames().sharedFrame(0));
        granter.store(granter.page(3), GREETING);
        world.step("the granter writes entries as plain words: the first, one in the middle, the last");
        for (int ref : new int[] {0, 77, 255}) {
            long header = 0xdead_beef_0000_0000L | (long) World.GRANTEE << 16 | PERMIT_ACCESS;
            memory.store64(table + SIZE * ref + 8, granter.pageFrame(3));
            memory.store64(table + SIZE * ref, header);
            Driver.Handle handle = Driver.hold(world.grantee(), map(world, ref));
            Sight.value(world.grantee(), world.grantee().slot(0), GREETING);
            Expect.equal("the first word while mapped", header, memory.load64(table + SIZE * ref));
            Expect.equal(
                    "the marks",
                    READING | WRITING | PERMIT_ACCESS,
                    granter.entry(ref).flags());
            handle.letGo();
            Expect.equal("the second word", granter.pageFrame(3), memory.load64(table + SIZE * ref + 8));
        }
        Expect.status(Status.BAD_GNTREF, world.grantee().call(map(world, 256)));
    }

    @Clause(
            id = "ABI2-02",
            promise = "No use writes to the entry, be it allowed or refused.",
            source = "xen-semantics.md, 3.4 (the header word is never written by Xen in v2)")
    void neverWritten(World world) {
        Through copies = Through.of(world, REF);
        for (int flags : new int[] {PERMIT_ACCESS, 0, PERMIT_ACCESS | SUB_PAGE, 0xfe21, 0xfefd}) {
            TableEntry entry = EntriesV2.part(world.granter(), REF, World.GRANTEE, 0, 0, 64)
                    .set("flags", flags);
            world.step("the grantee maps and copies through flags 0x" + Integer.toHexString(flags));
            mapIfAllowed(world, map(world, REF).readonly());
            mapIfAllowed(world, map(world, REF));
            copies.out(0, 8);
            copies.in(0, 8);
            copies.in(100, 8);
            Expect.equal("flags", flags, entry.get("flags"));
            Expect.equal("domid", World.GRANTEE, entry.get("domid"));
            Expect.equal("length", 64, entry.get("len"));
            Expect.equal("frame", world.granter().pageFrame(0), entry.get("frame"));
        }
    }

    private static void mapIfAllowed(World world, MapCall call) {
        Mapped mapped = world.grantee().call(call);
        if (mapped.status() == Status.OKAY) {
            Expect.okay(world.grantee().call(UnmapCall.of(mapped.handle()).at(call.hostAddress())));
        }
    }

    @Clause(
            id = "ABI2-03",
            promise =
                    "The bits that version 1 keeps its marks in, the cache bits and bits 9 to 15 of flags mean nothing.",
            source = "xen-semantics.md, 1.4, 3.4; recording transitive line 207")
    void ignoredBits(World world) {
        for (int bits : new int[] {READING, WRITING, READING | WRITING, 0x20, 0x40, 0x80, 0x200, 0x8000, 0xfef8}) {
            EntriesV2.page(world.granter(), REF, World.GRANTEE, 0).set("flags", PERMIT_ACCESS | bits);
            world.step("the grantee uses an entry with the bits 0x" + Integer.toHexString(bits));
            Through.of(world, REF).works(world.granter(), 0);
            Driver.hold(world.grantee(), map(world, REF)).letGo();
            Expect.equal(
                    "flags", PERMIT_ACCESS | bits, world.granter().entry(REF).get("flags"));
        }
    }

    @Clause(
            id = "ABI2-04",
            promise = "Without the bit of sub-page grants offset and length mean nothing: the grant is the whole page.",
            source = "xen-semantics.md, 1.2 (full page: padding, ignored)")
    void paddingOfAFullPage(World world) {
        for (int padding : new int[] {1, 0x10, 0xffff}) {
            EntriesV2.part(world.granter(), REF, World.GRANTEE, 0, padding, padding)
                    .set("flags", PERMIT_ACCESS);
            world.step("the grantee copies the whole page, and maps it");
            Through copies = Through.of(world, REF);
            copies.works(world.granter(), 0);
            Expect.okay(copies.out(0, Page.SIZE));
            Expect.okay(copies.in(0, Page.SIZE));
            Driver.hold(world.grantee(), map(world, REF)).letGo();
        }
    }

    @Clause(
            id = "ABI2-05",
            promise = "All 64 bits of the frame count: a number that is right in its low half alone is GNTST_bad_page.",
            source = "xen-semantics.md, 1.2, 3.6 (a frame beyond the machine is -9)")
    void wholeFrame(World world) {
        long frame = world.granter().pageFrame(0);
        for (long high : new long[] {1L << 32, 1L << 40, 1L << 52, 1L << 63, -1L << 32}) {
            EntriesV2.page(world.granter(), REF, World.GRANTEE, 0).set("frame", frame | high);
            world.step("the grantee uses frame 0x" + Long.toHexString(frame | high));
            Expect.status(Status.BAD_PAGE, world.grantee().call(map(world, REF)));
            Through.of(world, REF).refused(Status.BAD_PAGE);
            Expect.equal(
                    "flags and marks", PERMIT_ACCESS, world.granter().entry(REF).flags());
        }
    }

    @Clause(
            id = "ABI2-06",
            promise = "A part of a page and an entry that accepts a page cannot be mapped, whatever else they say.",
            source = "xen-semantics.md, 3.4; recording map_v2")
    void unmappable(World world) {
        for (int flags :
                new int[] {0, SUB_PAGE, PERMIT_ACCESS | SUB_PAGE, ACCEPT_TRANSFER, ACCEPT_TRANSFER | SUB_PAGE}) {
            EntriesV2.part(world.granter(), REF, World.GRANTEE, 0, 0, Page.SIZE).set("flags", flags);
            world.step("the grantee maps an entry of flags 0x" + Integer.toHexString(flags));
            Expect.status(Status.GENERAL_ERROR, world.grantee().call(map(world, REF)));
            Expect.status(
                    Status.GENERAL_ERROR, world.grantee().call(map(world, REF).readonly()));
            Expect.equal("flags and marks", flags, world.granter().entry(REF).flags());
        }
    }

    @Clause(
            id = "ABI2-07",
            promise = "The entries of the second frame follow those of the first: reference 256 is its first 16 bytes.",
            source = "xen-semantics.md, 1.2, 2.3")
    void secondFrame(World world) {
        Party granter = world.granter();
        MachineMemory memory = world.machine().memory();
        Expect.okay(granter.call(SetupTableCall.own(2)));
        long second = Page.address(granter.domain().tableFrames().sharedFrame(1));
        granter.store(granter.page(3), GREETING);
        memory.store64(second + 8, granter.pageFrame(3));
        memory.store64(second, (long) World.GRANTEE << 16 | PERMIT_ACCESS);
        Driver.hold(world.grantee(), map(world, 256));
        Sight.value(world.grantee(), world.grantee().slot(0), GREETING);
        Expect.status(Status.BAD_GNTREF, world.grantee().call(map(world, 512)));
    }

    private static MapCall map(World world, long ref) {
        return MapCall.of(World.GRANTER, ref).at(world.grantee().slot(0));
    }
}
