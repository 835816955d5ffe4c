package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.GUEST;
import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.TYPED;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Entries of a guest's page tables: what grants put there, what the guest may change, and who comes in between. */
@Needs(grantee = "names-entries")
final class SpaceEntries {
    private static final String GRANTS = "AddressSpace.map; xen-semantics.md, 7.1 to 7.4";
    private static final int ENTRY = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;

    /** All of an entry but its frame. */
    private static final long FLAGS = 0xfff0_0000_0000_0fffL;

    private static long place(SpaceBench bench, int slot) {
        return bench.space.entryAddress(bench.slot(slot));
    }

    private static long word(SpaceBench bench, int slot) {
        return bench.memory.load64(place(bench, slot));
    }

    private static long frameAt(SpaceBench bench, int slot) {
        return (word(bench, slot) & ~FLAGS) >>> Page.SHIFT;
    }

    private static int replaceBy(SpaceBench bench, int slot, long newAddress, long granted) {
        return bench.unmap(bench.slot(slot), newAddress, flags(WRITE), granted, 0, WRITE);
    }

    @Clause(
            id = "SPACE-71",
            promise =
                    "A grant's entry is present, used, not to be executed, the kernel's unless it is an application mapping, writable as it"
                            + " is granted, and carries the three bits that are the guest's.",
            source = GRANTS)
    void words(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            expectWord(bench, granted, flags(WRITE), WRITE, 0x8010_0000_0000_0067L);
            expectWord(bench, granted, flags(READ), READ, 0x8010_0000_0000_0065L);
            expectWord(bench, granted, flags(READ) | Gntmap.APPLICATION_MAP, READ, 0x8000_0000_0000_0165L);
            expectWord(bench, granted, flags(WRITE) | 0x5_0000, WRITE, 0x8010_0000_0000_0a67L);
            expectWord(bench, granted, flags(WRITE) | 0xfff8_0000, WRITE, 0x8010_0000_0000_0067L);
        });
    }

    private static void expectWord(SpaceBench bench, long granted, int gntmapFlags, int access, long expected) {
        Expect.status("status", 0, bench.map(bench.slot(0), gntmapFlags, granted, 0, access));
        Expect.equal("place", place(bench, 0), bench.mapped.place);
        Expect.bits("entry", FLAGS, expected, word(bench, 0));
        Expect.equal("frame", granted, frameAt(bench, 0));
        Expect.status("status", 0, bench.unmap(bench.slot(0), granted, access));
        Expect.equal("entry", 0, word(bench, 0));
    }

    @Clause(
            id = "SPACE-72",
            promise =
                    "An entry that the guest names by its machine address is one of a table of its own of the first level, and aligned;"
                            + " pages have order 0.",
            source = GRANTS)
    void named(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            long place = place(bench, 3);
            long theirs = bench.granted(TYPED, 0);
            Expect.holds("it becomes a table", bench.frames.getType(theirs, FrameTable.TYPE_L1));
            for (long wrong : new long[] {
                place + 4,
                Page.address(bench.table(2)),
                Page.address(bench.root()),
                Page.address(bench.frame(0)),
                Page.address(theirs),
                1L << 55
            }) {
                Expect.status("map", Status.GENERAL_ERROR, bench.map(wrong, ENTRY, granted, 0, WRITE));
                Expect.status("mapBeside", Status.GENERAL_ERROR, bench.mapBeside(wrong, ENTRY, granted, 0, WRITE));
                Expect.status("gone", Status.GONE, bench.space.remove(wrong, 0, granted, bench.mapped));
            }
            bench.frames.putType(theirs);
            Expect.status("map", Status.BAD_SIZE, bench.space.map(place, ENTRY, granted, 1, WRITE, bench.mapped));
            Expect.status(
                    "map",
                    Status.BAD_SIZE,
                    bench.space.mapBeside(bench.slot(0), flags(WRITE), granted, 9, WRITE, bench.mapped));
            Expect.status("map", 0, bench.map(place, ENTRY, granted, 0, WRITE));
            bench.expectReads(bench.slot(3), 0x20000);
            Expect.status("unmap", 0, bench.unmap(place, 0, ENTRY, granted, 0, WRITE));
            long[] places = new long[2];
            long[] both = {bench.pinned(granted, 0, READ), bench.pinned(granted, 0, READ)};
            int entries = ENTRY | Gntmap.READONLY;
            Expect.equal("of two", 2, bench.space.mapBeside(place, entries, both, 2, READ, bench.mapped, places));
            Expect.equal("the second", place + 8, places[1]);
            bench.expectReads(bench.slot(4), 0x20000);
        });
    }

    @Clause(
            id = "SPACE-73",
            promise =
                    "A grant takes the place of what stood at an entry, which is told, lets go of what it held, and stays readable until"
                            + " something flushes.",
            source = GRANTS)
    void displaced(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            long other = bench.granted(UNTYPED, 0x30000);
            bench.expectReads(bench.page(3), 0x1300);
            Expect.status("status", 0, bench.map(bench.page(3), granted, WRITE));
            Expect.equal("displaced", bench.frame(3), bench.mapped.displacedMfn);
            bench.expectHeld(bench.frame(3), 1, 0);
            bench.expectReads(bench.page(3), 0x1300);
            Expect.status("status", 0, bench.map(bench.page(3), other, READ));
            Expect.equal("displaced", granted, bench.mapped.displacedMfn);
            bench.expectHeld(granted, 1, 0);
            Expect.status("status", 0, bench.map(bench.page(3), granted, WRITE));
            bench.expectHeld(other, 1, 0);
            bench.memory.store64(bench.mapped.place, 0x1234_0000);
            bench.drop(granted, 0, WRITE);
            bench.space.flush();
            Expect.status("status", 0, bench.map(bench.page(3), granted, WRITE));
            Expect.equal("displaced", FrameTable.NONE, bench.mapped.displacedMfn);
        });
    }

    @Clause(
            id = "SPACE-74",
            promise =
                    "A page that becomes free because a grant took its place is forgotten by vCPUs and devices before.",
            source = GRANTS)
    void lastReference(World world) {
        SpaceBench.on(world, bench -> {
            long last = bench.granted(TYPED, 0x20000);
            long more = bench.granted(TYPED, 0x30000);
            Expect.status("status", 0, bench.map(bench.slot(0), last, WRITE));
            bench.expectReads(bench.slot(0), 0x20000);
            bench.frames.releaseAllocation(last);
            int forgot = bench.devicesForgot();
            Expect.status("status", 0, bench.map(bench.slot(0), more, READ));
            Expect.equal("owner", FrameTable.NO_OWNER, bench.frames.owner(last));
            Expect.holdsNot("remembered", bench.space.remembers(last));
            Expect.holds("devices forgot", bench.devicesForgot() > forgot);
            bench.expectReads(bench.slot(0), 0x30000);
            long flushes = bench.space.flushes();
            Expect.status("status", 0, bench.map(bench.slot(0), bench.frame(0), WRITE));
            Expect.equal("flushes for a page that is not free", flushes, bench.space.flushes());
        });
    }

    @Clause(
            id = "SPACE-75",
            promise =
                    "Unmap compares frame and right. With a new address it puts what stood there in the place of the mapping, and nothing"
                            + " where that was.",
            source = "AddressSpace.unmap; replace_v1")
    void replaced(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            Expect.status("right", Status.GENERAL_ERROR, bench.unmap(bench.slot(0), granted, READ));
            Expect.status("status", 0, replaceBy(bench, 0, bench.page(2) + 1, granted));
            Expect.equal("place", place(bench, 0), bench.mapped.place);
            bench.expectReads(bench.slot(0), 0x1200);
            bench.expectNothing(bench.page(2));
            bench.expectHeld(granted, 1, 0);
            bench.expectHeld(bench.frame(2), 2, 1);
            Expect.status("status", 0, bench.map(bench.slot(1), granted, READ));
            Expect.status("right", Status.GENERAL_ERROR, bench.unmap(bench.slot(1), granted, WRITE));
            Expect.status("status", 0, bench.unmap(bench.slot(1), bench.slot(5), flags(READ), granted, 0, READ));
            Expect.equal("by an empty slot", 0, word(bench, 1));
        });
    }

    @Clause(
            id = "SPACE-76",
            promise =
                    "Where the new address has no entry, or the mapping is named by its entry, unmap_and_replace is an error that changes"
                            + " nothing; where the mapping is not there the new address has lost its entry, and that what it held.",
            source = "AddressSpace.unmap; xen-semantics.md, 7.4")
    void notReplaced(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            for (long nowhere : new long[] {0x300_0000_0000L, 0xffff_8300_0000_0000L, 1L << 50}) {
                Expect.status("status", Status.GENERAL_ERROR, replaceBy(bench, 0, nowhere, granted));
            }
            int error = bench.unmap(place(bench, 0), bench.page(2), ENTRY, granted, 0, WRITE);
            Expect.status("by its entry", Status.GENERAL_ERROR, error);
            bench.expectReads(bench.page(2), 0x1200);
            bench.expectReads(bench.slot(0), 0x20000);
            Expect.status("not there", Status.GENERAL_ERROR, replaceBy(bench, 1, bench.page(2), granted));
            Expect.equal("the new address", 0, bench.memory.load64(bench.space.entryAddress(bench.page(2))));
            bench.expectHeld(bench.frame(2), 1, 0);
            Expect.status("no entry", Status.GENERAL_ERROR, unmapNowhere(bench, granted));
            bench.expectHeld(bench.frame(3), 1, 0);
            Expect.status("by itself", Status.GENERAL_ERROR, replaceBy(bench, 0, bench.slot(0), granted));
            Expect.equal("entry", 0, word(bench, 0));
            bench.expectHeld(granted, 1, 0);
        });
    }

    private static int unmapNowhere(SpaceBench bench, long granted) {
        return bench.unmap(0x300_0000_0000L, bench.page(3), flags(WRITE), granted, 0, WRITE);
    }

    @Clause(
            id = "SPACE-77",
            promise =
                    "An entry of grants v3 is stolen by no unmap_and_replace, and its mark is no bit that the guest may change or set.",
            source = "AddressSpace.mapBeside")
    void ofV3(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            Expect.status("status", 0, bench.mapBeside(bench.slot(1), flags(WRITE), granted, 0, WRITE));
            Expect.status("as new", Status.GENERAL_ERROR, replaceBy(bench, 0, bench.slot(1), granted));
            Expect.status("as old", Status.GENERAL_ERROR, replaceBy(bench, 1, bench.slot(5), granted));
            bench.expectReads(bench.slot(0), 0x20000);
            bench.expectReads(bench.slot(1), 0x20000);
            long entry = word(bench, 1);
            Expect.equal("the same", 0, bench.space.update(bench.slot(1), entry));
            Expect.holds("without the mark", bench.space.update(bench.slot(1), entry & ~(1L << 62)) < 0);
            Expect.equal("entry", entry, word(bench, 1));
            bench.expectHeld(granted, 3, 2);
        });
    }

    @Clause(
            id = "SPACE-78",
            promise = "Replace keeps what the entry says besides frame and right.",
            source = "AddressSpace.replace")
    void keepsTheRest(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            long dummy = bench.frames.allocate(GUEST, 0);
            Expect.status("status", 0, bench.map(bench.slot(0), flags(WRITE) | 0x7_0000, granted, 0, WRITE));
            Expect.status("status", 0, bench.replace(bench.mapped.place, 0, granted, WRITE, dummy, READ));
            Expect.bits("entry", FLAGS, 0x8010_0000_0000_0e65L, word(bench, 0));
            Expect.equal("frame", dummy, frameAt(bench, 0));
        });
    }
}
