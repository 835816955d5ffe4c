package grantlab.hypervisor.guest;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;

/**
 * The first page tables of a PV guest, as its builder writes them: the region mapped read-write, the tables themselves
 * read-only, the holes empty.
 */
final class PageTables {
    private static final long PRESENT_USER_ACCESSED = 0x25 | 0x40;
    private static final long WRITABLE = 2;
    private static final int ENTRIES = 512;

    private final MachineMemory memory;
    private final GuestLayout layout;
    private final long[] frames;

    PageTables(MachineMemory memory, GuestLayout layout, long[] frames) {
        this.memory = memory;
        this.layout = layout;
        this.frames = frames;
    }

    void build() {
        link(0, index(39), table(1));
        link(1, index(30), table(2));
        int firstLevelOne = 3;
        for (int n = 0; n < layout.levelOneTables(); n++) {
            link(2, index(21) + n, table(firstLevelOne + n));
        }
        for (int page = 0; page < layout.mapped(); page++) {
            if (!isSlot(page)) {
                int level = firstLevelOne + page / ENTRIES;
                store(table(level), page % ENTRIES, entry(frames[page], !isTable(page)));
            }
        }
    }

    private int index(int shift) {
        return (int) (layout.base() >>> shift) & ENTRIES - 1;
    }

    private long table(int n) {
        return frames[layout.tablesIndex() + n];
    }

    private void link(int table, int index, long frame) {
        store(table(table), index, entry(frame, true));
    }

    private void store(long table, int index, long entry) {
        memory.store64(Page.address(table) + (long) index * Long.BYTES, entry);
    }

    private static long entry(long frame, boolean writable) {
        return Page.address(frame) | PRESENT_USER_ACCESSED | (writable ? WRITABLE : 0);
    }

    private boolean isTable(int page) {
        int tables = 3 + layout.levelOneTables();
        return page >= layout.tablesIndex() && page < layout.tablesIndex() + tables;
    }

    /** The control domain's holes lie within its memory: it unmaps those pages at boot. */
    private boolean isSlot(int page) {
        return page >= layout.slotIndex() && page < layout.slotIndex() + GuestLayout.NAMES;
    }
}
