package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.GUEST;
import static grantlab.conformance.clause.SpaceBench.TYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.entry;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Page tables of a guest: how they become tables with the root that is entered, and stop being tables. */
@Needs(grantee = "names-entries")
final class SpaceRoots {
    private static final String VALIDATION = "AddressSpace.enter; xen/arch/x86/mm.c, promote and demote";
    private static final int ENTRIES = 512;

    /** L4 slots of Xen's range. */
    private static final int FIRST_XEN = 256;

    private static final int LAST_XEN = 271;

    /** Neither memory nor the firmware's. */
    private static final long NO_MEMORY = 0x7fff_ffffL;

    private static final long FIRMWARE = 0xb8;

    private static void expectEntered(SpaceBench bench) {
        Expect.equal("what enter answers", 0, bench.space.enter(bench.root()));
    }

    private static void expectRefused(SpaceBench bench) {
        Expect.equal("what enter answers", -Errno.EINVAL, bench.space.enter(bench.root()));
        bench.expectAllReturned();
        Expect.equal("an entry", -1, bench.space.entryAddress(bench.page(0)));
    }

    private static void expectType(SpaceBench bench, long mfn, int type, long uses, long references) {
        Expect.equal("type of frame 0x" + Long.toHexString(mfn), type, bench.frames.type(mfn));
        bench.expectHeld(mfn, references, uses);
    }

    @Clause(
            id = "SPACE-63",
            promise =
                    "With the root that is entered each table gets the type of its level, and each page that is mapped a reference, and a"
                            + " writable use where it is mapped writable.",
            source = VALIDATION)
    void types(World world) {
        SpaceBench.beforeEntry(world, bench -> {
            bench.write(bench.table(3), ENTRIES - 1, entry(bench.frame(1), false));
            Expect.equal("an entry", -1, bench.space.entryAddress(bench.page(0)));
            bench.expectFault(bench.load(bench.page(0), 8), bench.page(0), 14, 0);
            Expect.equal("update", -Errno.EINVAL, bench.space.update(bench.page(0), 0));
            expectEntered(bench);
            for (int level = 0; level < 4; level++) {
                expectType(bench, bench.table(level), FrameTable.TYPE_L4 - level, 1, 2);
            }
            expectType(bench, bench.frame(0), FrameTable.TYPE_WRITABLE, 1, 2);
            expectType(bench, bench.frame(1), FrameTable.TYPE_WRITABLE, 1, 3);
            long base = Page.address(bench.table(3));
            for (int page = 0; page < SpaceBench.PAGES; page++) {
                Expect.equal("entry", base + (16 + page) * 8L, bench.space.entryAddress(bench.page(page) + 0xfff));
            }
            Expect.equal("another root", -Errno.EBUSY, bench.space.enter(bench.root()));
            Expect.equal("another root", -Errno.EBUSY, bench.space.enter(bench.frame(2)));
            bench.expectReads(bench.page(0), 0x1000);
        });
    }

    @Clause(
            id = "SPACE-64",
            promise =
                    "Entries are made as the hypervisor writes them: the user bit is set at every level, kernel pages are marked and user"
                            + " pages global, and those of the root look used. What is not present is left as it is.",
            source = "xen/arch/x86/mm.c, adjust_guest_l1e to adjust_guest_l4e")
    void adjusted(World world) {
        SpaceBench.beforeEntry(world, bench -> {
            for (int level = 0; level < 3; level++) {
                int index = level == 1 ? 1 : 0;
                bench.write(bench.table(level), index, Page.address(bench.table(level + 1)) | 3);
            }
            bench.write(bench.table(3), 16, Page.address(bench.frame(0)) | 0x63);
            bench.write(bench.table(3), 30, 0x1234_5678_9abc_def0L);
            bench.write(bench.table(2), 30, 0x1234_5678_9abc_def0L);
            expectEntered(bench);
            Expect.bits("entry of level 4", 0xfff, 0x27, bench.word(bench.table(0), 0));
            Expect.bits("entry of level 3", 0xfff, 0x07, bench.word(bench.table(1), 1));
            Expect.bits("entry of level 2", 0xfff, 0x07, bench.word(bench.table(2), 0));
            long kernel = bench.word(bench.table(3), 16);
            Expect.bits("kernel entry", 0xfff0_0000_0000_0fffL, 0x0010_0000_0000_0067L, kernel);
            Expect.bits("user entry", 0xfff0_0000_0000_0fffL, 0x167, bench.word(bench.table(3), 17));
            Expect.equal("absent entry", 0x1234_5678_9abc_def0L, bench.word(bench.table(3), 30));
            Expect.equal("absent entry", 0x1234_5678_9abc_def0L, bench.word(bench.table(2), 30));
        });
    }

    @Clause(
            id = "SPACE-65",
            promise =
                    "A root with an entry anywhere below that may not be there is refused, whatever was looked at before, and nothing is"
                            + " taken: a page of another's, none, the firmware's, a table mapped writable, one of another level.",
            source = VALIDATION)
    void refused(World world) {
        SpaceBench.beforeEntry(world, bench -> {
            long theirs = bench.granted(TYPED, 1);
            bench.write(bench.table(3), 25, entry(bench.frame(3), false));
            bench.write(bench.table(2), FIRST_XEN, entry(bench.table(3), true));
            long[] pages = {
                entry(theirs, false),
                entry(NO_MEMORY, false),
                entry((1L << 40) - 1, false),
                entry(FIRMWARE, false),
                entry(bench.table(3), true),
                entry(bench.table(0), true),
                entry(bench.frame(2), false) | 0x08,
                entry(bench.frame(2), false) | 0x10,
                entry(bench.frame(2), false) | 0x80
            };
            for (int index : new int[] {0, ENTRIES - 1}) {
                for (long page : pages) {
                    refusedWith(bench, bench.table(3), index, page);
                }
                for (int level = 0; level < 3; level++) {
                    int free = index == 0 && level != 1 ? 1 : index;
                    long[] tables = {
                        entry(theirs, true),
                        entry(NO_MEMORY, true),
                        entry(bench.table(level == 2 ? 2 : 3), true),
                        entry(bench.table(level + 1), true) | 0x08,
                        entry(bench.table(level + 1), true) | 0x10,
                        entry(bench.table(level + 1), true) | 0x80,
                        entry(bench.table(level + 1), true) | 0x100
                    };
                    for (long table : tables) {
                        refusedWith(bench, bench.table(level), free, table);
                    }
                }
            }
            expectEntered(bench);
        });
    }

    private static void refusedWith(SpaceBench bench, long table, int index, long word) {
        bench.write(table, index, word);
        expectRefused(bench);
        bench.write(table, index, 0);
    }

    @Clause(
            id = "SPACE-66",
            promise =
                    "A fault that is found after others were validated undoes all of that, each time; the fault mended, all of it is"
                            + " entered.",
            source = VALIDATION)
    void undone(World world) {
        SpaceBench.beforeEntry(world, bench -> {
            long shared = bench.frames.allocate(GUEST, Page.ORDER_4K);
            bench.write(shared, 3, entry(bench.frame(0), true));
            Expect.holds("a pin", bench.frames.get(shared, 0, GUEST));
            bench.write(bench.table(2), 5, entry(shared, true));
            bench.write(bench.table(2), 6, entry(shared, true));
            bench.write(bench.table(2), 7, entry(NO_MEMORY, true));
            for (int round = 0; round < 2; round++) {
                Expect.equal("what enter answers", -Errno.EINVAL, bench.space.enter(bench.root()));
                expectType(bench, shared, FrameTable.TYPE_NONE, 0, 2);
                expectType(bench, bench.frame(0), FrameTable.TYPE_NONE, 0, 1);
            }
            bench.write(bench.table(2), 7, 0);
            expectEntered(bench);
            expectType(bench, shared, FrameTable.TYPE_L1, 2, 4);
            expectType(bench, bench.frame(0), FrameTable.TYPE_WRITABLE, 2, 3);
            bench.frames.put(shared, 0);
        });
    }

    @Clause(
            id = "SPACE-67",
            promise =
                    "The hypervisor's slots of the root are not looked at and not dropped; those beside them are the guest's.",
            source = VALIDATION)
    void xensSlots(World world) {
        SpaceBench.beforeEntry(world, bench -> {
            for (int slot : new int[] {FIRST_XEN - 1, LAST_XEN + 1}) {
                refusedWith(bench, bench.root(), slot, entry(NO_MEMORY, true));
            }
            for (int slot : new int[] {FIRST_XEN, LAST_XEN}) {
                bench.write(bench.root(), slot, entry(NO_MEMORY, true));
            }
            for (int slot : new int[] {FIRST_XEN - 1, LAST_XEN + 1}) {
                bench.write(bench.root(), slot, entry(bench.table(1), true));
            }
            for (int slot : new int[] {FIRST_XEN + 1, LAST_XEN - 1}) {
                bench.write(bench.root(), slot, entry(bench.table(1), true));
            }
            expectEntered(bench);
            expectType(bench, bench.table(1), FrameTable.TYPE_L3, 3, 4);
            long low = ((long) (FIRST_XEN - 1) << 39) | bench.page(0);
            bench.expectReads(low, 0x1000);
            bench.expectReads(0xffff_8800_0000_0000L | bench.page(0), 0x1000);
            bench.die();
            Expect.equal("Xen's own slot", entry(NO_MEMORY, true), bench.word(bench.root(), FIRST_XEN));
            Expect.equal("Xen's own slot", entry(bench.table(1), true), bench.word(bench.root(), FIRST_XEN + 1));
            Expect.equal("Xen's own slot", entry(bench.table(1), true), bench.word(bench.root(), LAST_XEN - 1));
            Expect.equal("Xen's own slot", entry(NO_MEMORY, true), bench.word(bench.root(), LAST_XEN));
        });
    }

    @Clause(id = "SPACE-68", promise = "The root is a frame of the domain's that is plain memory.", source = VALIDATION)
    void wrongRoots(World world) {
        SpaceBench.beforeEntry(world, bench -> {
            long theirs = bench.granted(TYPED, 0);
            for (long wrong : new long[] {theirs, NO_MEMORY, 1L << 50, -1}) {
                Expect.equal("what enter answers", -Errno.EINVAL, bench.space.enter(wrong));
            }
            bench.expectAllReturned();
            Expect.holds("it becomes writable", bench.frames.getType(bench.root(), FrameTable.TYPE_WRITABLE));
            Expect.equal("what enter answers", -Errno.EINVAL, bench.space.enter(bench.root()));
            bench.frames.putType(bench.root());
            bench.expectAllReturned();
            expectEntered(bench);
        });
    }

    @Clause(
            id = "SPACE-69",
            promise =
                    "Tables that several entries name are validated once and counted each time, and may be mapped to be read; all of that is"
                            + " dropped when the domain dies.",
            source = VALIDATION)
    void sharedTables(World world) {
        SpaceBench.beforeEntry(world, bench -> {
            bench.write(bench.table(1), 2, entry(bench.table(2), true));
            bench.write(bench.table(3), ENTRIES - 1, entry(bench.table(3), false));
            bench.write(bench.table(3), ENTRIES - 2, entry(bench.table(0), false));
            expectEntered(bench);
            expectType(bench, bench.table(2), FrameTable.TYPE_L2, 2, 3);
            expectType(bench, bench.table(3), FrameTable.TYPE_L1, 1, 3);
            expectType(bench, bench.table(0), FrameTable.TYPE_L4, 1, 3);
            bench.expectReads(bench.page(0) + (1L << 30), 0x1000);
        });
    }

    @Clause(
            id = "SPACE-70",
            promise =
                    "The death of a domain ends tables that nothing but a pin holds, of every level, and takes out what stands in them; the"
                            + " frames are plain memory then, and no places. What others hold of its pages they keep.",
            source = "AddressSpace.dispose")
    void pinned(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            long l2 = pin(bench, FrameTable.TYPE_L2);
            long l4 = pin(bench, FrameTable.TYPE_L4);
            long l1 = pin(bench, FrameTable.TYPE_L1);
            int named = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;
            for (int index : new int[] {0, 7, ENTRIES - 1}) {
                long place = Page.address(l1) + index * 8L;
                Expect.status("status", 0, bench.map(place, named, granted, 0, WRITE));
                Expect.equal("found", place, bench.space.findNext(granted, place));
            }
            Expect.equal("found", Page.address(l1), bench.space.findNext(granted, 0));
            bench.expectHeld(granted, 4, 3);
            long last = Page.address(l1) + (ENTRIES - 1) * 8L;
            if (bench.frames.type(l1 + 1) == FrameTable.TYPE_NONE) {
                bench.write(l1 + 1, 0, entry(granted, true));
            }
            Expect.status("status", 0, bench.remove(last, 0, granted, WRITE));
            Expect.equal("found behind the table", -1, bench.space.findNext(granted, Page.address(l1) + 7 * 8L + 1));
            long lent = bench.pinned(bench.frame(1), 0, WRITE);
            bench.dispose();
            bench.expectHeld(lent, 2, 1);
            bench.drop(lent, 0, WRITE);
            bench.die();
            for (int index : new int[] {0, 7, ENTRIES - 1}) {
                Expect.equal("entry", 0, bench.word(l1, index));
            }
            for (long table : new long[] {l1, l2, l4, bench.root(), bench.table(3)}) {
                expectType(bench, table, FrameTable.TYPE_NONE, 0, 1);
            }
            bench.write(l1, 0, entry(granted, true));
            Expect.equal("found", -1, bench.space.findNext(granted, 0));
            for (int level = 0; level < 3; level++) {
                bench.write(bench.table(level), level == 1 ? 1 : 0, entry(bench.table(level + 1), true));
            }
            bench.write(bench.table(3), 16, entry(bench.frame(0), true));
            Expect.equal("an entry", -1, bench.space.entryAddress(bench.page(0)));
            bench.expectFault(bench.load(bench.page(0), 8), bench.page(0), 14, 0);
            Expect.status("no place", Status.GONE, bench.space.remove(Page.address(l1), 0, granted, bench.mapped));
        });
    }

    /** A frame that the guest made a table of, and whatever holds a table besides entries. */
    private static long pin(SpaceBench bench, int level) {
        long table = bench.frames.allocate(GUEST, Page.ORDER_4K);
        Expect.holds("a reference", bench.frames.get(table, 0, GUEST));
        Expect.holds("a type", bench.frames.getType(table, level));
        return table;
    }
}
