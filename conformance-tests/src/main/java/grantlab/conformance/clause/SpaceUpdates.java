package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.GUEST;
import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.TYPED;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.entry;

import grantlab.api.Errno;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Entries that the guest changes, foreign frames, and table frames, where guests have page tables. */
@Needs(grantee = "names-entries")
final class SpaceUpdates {
    private static final String UPDATE = "AddressSpace.update; mod_l1_entry";
    private static final int PAGE_FAULT = 14;

    /** All of an entry but its frame. */
    private static final long FLAGS = 0xfff0_0000_0000_0fffL;

    private static final long AVAILABLE = 1L << 9;

    private static long word(SpaceBench bench, int slot) {
        return bench.memory.load64(bench.space.entryAddress(bench.slot(slot)));
    }

    private static int update(SpaceBench bench, int slot, long entry) {
        return bench.space.update(bench.slot(slot), entry);
    }

    @Clause(
            id = "SPACE-79",
            promise =
                    "An entry that the guest writes is adjusted and holds its page, and a writable use where it is writable; the one before"
                            + " lets go. An absent entry is the guest's to use.",
            source = UPDATE)
    void holds(World world) {
        SpaceBench.on(world, bench -> {
            long own = bench.frame(0);
            Expect.equal("error", 0, update(bench, 0, entry(own, true)));
            Expect.bits("entry", FLAGS, 0x167, word(bench, 0));
            bench.expectHeld(own, 3, 2);
            Expect.equal("error", 0, update(bench, 0, entry(own, false)));
            Expect.bits("entry", FLAGS, 0x165, word(bench, 0));
            bench.expectHeld(own, 3, 1);
            Expect.equal("error", 0, update(bench, 0, Page.address(own) | 3));
            Expect.bits("kernel entry", FLAGS, 0x0010_0000_0000_0007L, word(bench, 0));
            bench.expectHeld(own, 3, 2);
            Expect.equal("error", 0, update(bench, 0, 0x1234_5678_9abc_def0L));
            Expect.equal("absent entry", 0x1234_5678_9abc_def0L, word(bench, 0));
            bench.expectHeld(own, 2, 1);
            bench.expectFault(bench.load(bench.slot(0), 8), bench.slot(0), PAGE_FAULT, 0);
        });
    }

    @Clause(
            id = "SPACE-80",
            promise = "A change that the guest makes is seen at once by every vCPU, at its page and at no other.",
            source = UPDATE)
    void seenAtOnce(World world) {
        SpaceBench.on(world, bench -> {
            var second = bench.space.attach();
            for (int page = 0; page < 2; page++) {
                bench.read(bench.page(page));
                bench.read(second, bench.page(page));
            }
            Expect.status("map does not flush", 0, bench.map(bench.page(1), bench.frame(2), READ));
            Expect.equal("error", 0, bench.space.update(bench.page(0), entry(bench.frame(2), true)));
            bench.expectReads(bench.page(0), 0x1200);
            Expect.equal("what the second loads", 0x1200, bench.read(second, bench.page(0)));
            bench.expectReads(bench.page(1), 0x1100);
            Expect.equal("what the second loads", 0x1100, bench.read(second, bench.page(1)));
            Expect.equal("error", 0, bench.space.update(bench.page(0), entry(bench.frame(2), false)));
            bench.expectFault(bench.store(bench.page(0), 8, 1), bench.page(0), PAGE_FAULT, 3);
            Expect.equal("error", 0, bench.space.update(bench.page(0), 0));
            bench.expectFault(bench.load(bench.page(0), 8), bench.page(0), PAGE_FAULT, 0);
            Expect.equal("error, of harmless bits", 0, bench.space.update(bench.page(1), entry(bench.frame(2), false)));
            bench.expectReads(bench.page(1), 0x1200);
        });
    }

    @Clause(
            id = "SPACE-81",
            promise =
                    "Bits that say nothing of frame and right change without asking for the page: the entry of a grant too, which the guest"
                            + " could not have made.",
            source = UPDATE + "; FASTPATH_FLAG_WHITELIST")
    void harmless(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, READ));
            Expect.equal("error", 0, update(bench, 0, entry(granted, false) | AVAILABLE));
            Expect.bits("entry", FLAGS, 0x365, word(bench, 0));
            bench.expectHeld(granted, 2, 0);
            Expect.equal("writable", -Errno.EBUSY, update(bench, 0, entry(granted, true)));
            Expect.bits("entry", FLAGS, 0x365, word(bench, 0));
            Expect.status("status", 0, bench.unmap(bench.slot(0), granted, READ));
        });
    }

    @Clause(
            id = "SPACE-82",
            promise =
                    "A page that cannot be had is busy: another's, a table mapped writable, one that nobody owns. What is no memory is not"
                            + " permitted; a number that is none and bits that say how a page is cached are invalid. Nothing changes.",
            source = UPDATE + "; get_page_from_l1e")
    void refused(World world) {
        SpaceBench.on(world, bench -> {
            long theirs = bench.granted(TYPED, 1);
            long free = bench.granted(UNTYPED, 1);
            bench.frames.get(free, 0, UNTYPED);
            bench.frames.releaseAllocation(free);
            bench.frames.put(free, 0);
            long page = bench.page(0);
            long before = bench.memory.load64(bench.space.entryAddress(page));
            for (long busy : new long[] {theirs, free}) {
                Expect.equal("error", -Errno.EBUSY, bench.space.update(page, entry(busy, false)));
            }
            Expect.equal("error", -Errno.EBUSY, bench.space.update(page, entry(bench.table(3), true)));
            for (long none : new long[] {0x7fff_ffffL, 0xb8, 0xff}) {
                Expect.equal("error", -Errno.EPERM, bench.space.update(page, entry(none, true)));
            }
            long lowest = RamLayout.FIRMWARE_FRAMES;
            if (bench.frames.owner(lowest) != GUEST) {
                Expect.equal("error", -Errno.EBUSY, bench.space.update(page, entry(lowest, false)));
            }
            Expect.equal("error", -Errno.EINVAL, bench.space.update(page, entry((1L << 40) - 1, true)));
            for (long bit : new long[] {0x08, 0x10, 0x80}) {
                Expect.equal("error", -Errno.EINVAL, bench.space.update(page, entry(bench.frame(1), true) | bit));
            }
            for (long nowhere : new long[] {0x300_0000_0000L, 0xffff_8300_0000_0000L, 1L << 50}) {
                Expect.equal("error", -Errno.EINVAL, bench.space.update(nowhere, 0));
                Expect.equal("error", -Errno.EINVAL, bench.space.update(nowhere, entry(bench.frame(1), true)));
                Expect.equal("entry", -1, bench.space.entryAddress(nowhere));
            }
            Expect.equal("entry", before, bench.memory.load64(bench.space.entryAddress(page)));
            bench.expectHeld(bench.table(3), 2, 1);
            bench.expectHeld(bench.frame(1), 2, 1);
            long first = bench.frames.allocate(GUEST, 0);
            Expect.equal("error", 0, bench.space.update(page, entry(first, true)));
        });
    }

    @Clause(
            id = "SPACE-83",
            promise =
                    "A foreign frame is mapped where an entry is, at once, with the reference that comes along, and a writable use where its"
                            + " owner's frames have types; a table of its owner's is mapped to be read alone.",
            source = "AddressSpace.mapForeign; get_page_from_l1e")
    void foreign(World world) {
        SpaceBench.on(world, bench -> {
            long typed = bench.granted(TYPED, 0x20000);
            long untyped = bench.granted(UNTYPED, 0x30000);
            bench.read(bench.page(0));
            Expect.equal("error", 0, bench.mapForeign(bench.page(0), typed, WRITE));
            Expect.equal("place", bench.space.entryAddress(bench.page(0)), bench.mapped.place);
            Expect.equal("displaced", bench.frame(0), bench.mapped.displacedMfn);
            Expect.bits("entry", FLAGS, 0x167, bench.memory.load64(bench.mapped.place));
            bench.expectReads(bench.page(0), 0x20000);
            bench.expectHeld(typed, 2, 1);
            bench.expectHeld(bench.frame(0), 1, 0);
            Expect.equal("error", 0, bench.mapForeign(bench.slot(0), untyped, WRITE));
            bench.expectHeld(untyped, 2, 0);
            Expect.equal("error", 0, bench.mapForeign(bench.slot(1), typed, READ));
            bench.expectFault(bench.store(bench.slot(1), 8, 1), bench.slot(1), PAGE_FAULT, 3);
            bench.expectHeld(typed, 3, 1);
            Expect.equal("error", 0, bench.space.update(bench.page(0), 0));
            bench.expectHeld(typed, 2, 0);
            Expect.holds("it becomes a table", bench.frames.getType(typed, FrameTable.TYPE_L2));
            Expect.equal("writable", -Errno.EBUSY, bench.mapForeign(bench.slot(2), typed, WRITE));
            Expect.equal("nowhere", -Errno.EINVAL, bench.mapForeign(0x300_0000_0000L, typed, READ));
            Expect.equal("error", 0, bench.mapForeign(bench.slot(2), typed, READ));
            bench.frames.putType(typed);
            Expect.equal("error", 0, update(bench, 0, 0));
            bench.expectHeld(untyped, 1, 0);
        });
    }

    @Clause(
            id = "SPACE-84",
            promise =
                    "A table frame is named by its machine frame and placed nowhere; it cannot be withdrawn as long as the guest maps it.",
            source = "AddressSpace.placeTableFrame, withdrawTableFrame, nameOf")
    void tableFrames(World world) {
        SpaceBench.on(world, bench -> {
            long table = bench.frames.allocateShared(GUEST);
            Expect.equal("error", 0, bench.space.withdrawTableFrame(table));
            Expect.equal("error", 0, update(bench, 0, entry(table, true)));
            Expect.equal("mapped", -Errno.EBUSY, bench.space.withdrawTableFrame(table));
            Expect.equal("error", 0, update(bench, 0, 0));
            Expect.equal("error", 0, bench.space.withdrawTableFrame(table));
            Expect.equal("placed", -Errno.EACCES, bench.space.placeTableFrame(5, table));
            Expect.equal("name", table, bench.space.nameOf(table));
        });
    }
}
