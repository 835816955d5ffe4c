package grantlab.paging.pv;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;

/**
 * Walks from the root to the L1 entry, as the processor does for an access and Xen does for a hypercall. Takes no
 * reference: tables of a living domain stay tables, and entries are single words.
 */
final class PageTableWalk {
    /** {@link #entryOf}: no such entry. */
    static final long NO_ENTRY = -1;

    /** {@link #translate}: page fault, nothing there. */
    static final long NOT_PRESENT = -1;

    /** {@link #translate}: page fault, present but not for this access. */
    static final long NOT_PERMITTED = -2;

    /** {@link #translate}: general protection fault. */
    static final long NOT_CANONICAL = -3;

    private static final int ROOT_LEVEL = 4;

    private final MachineMemory memory;
    private volatile long root = NO_ENTRY;

    PageTableWalk(MachineMemory memory) {
        this.memory = memory;
    }

    /** Begins at another L4 table from now on. */
    void startAt(long mfn) {
        root = Page.address(mfn);
    }

    /** Finds nothing any more. */
    void stop() {
        root = NO_ENTRY;
    }

    /** The frame of the L4 table, or {@link FrameTable#NONE}. */
    long rootFrame() {
        long table = root;
        return table == NO_ENTRY ? FrameTable.NONE : Page.frame(table);
    }

    /**
     * Where the L1 entry for a linear address stands (map_guest_l1e).
     *
     * @return its machine address; {@link #NO_ENTRY} for Xen's range, for non-canonical addresses, and where no L1
     *     table is
     */
    long entryOf(long linear) {
        if (!LinearAddress.isGuests(linear)) {
            return NO_ENTRY;
        }
        long table = root;
        if (table == NO_ENTRY) {
            return NO_ENTRY;
        }
        for (int level = ROOT_LEVEL; level > FrameTable.TYPE_L1; level--) {
            long entry = memory.load64Acquire(table + LinearAddress.entryOffset(linear, level));
            if (!pointsToTable(entry)) {
                return NO_ENTRY;
            }
            table = Page.address(PageTableEntry.frameOf(entry));
        }
        return table + LinearAddress.entryOffset(linear, FrameTable.TYPE_L1);
    }

    /**
     * What the processor finds for an access of the guest's kernel. A write needs the writable bit at every level.
     *
     * @return the present L1 entry, its writable bit set only if every level has it; or {@link #NOT_PRESENT},
     *     {@link #NOT_PERMITTED} or {@link #NOT_CANONICAL}
     */
    long translate(long linear, boolean write) {
        if (!LinearAddress.isGuests(linear)) {
            return LinearAddress.isXens(linear) ? NOT_PERMITTED : NOT_CANONICAL;
        }
        long table = root;
        if (table == NO_ENTRY) {
            return NOT_PRESENT;
        }
        long rights = PageTableEntry.WRITABLE;
        long entry = PageTableEntry.EMPTY;
        for (int level = ROOT_LEVEL; level >= FrameTable.TYPE_L1; level--) {
            entry = memory.load64Acquire(table + LinearAddress.entryOffset(linear, level));
            if (!PageTableEntry.isPresent(entry)) {
                return NOT_PRESENT;
            }
            rights &= entry;
            table = Page.address(PageTableEntry.frameOf(entry));
        }
        if (write && rights == 0) {
            return NOT_PERMITTED;
        }
        // The no-execute bit is the sign, which says "fault" to the caller; loads and stores do not ask for it.
        return PageTableEntry.withWritable(entry, rights != 0) & ~PageTableEntry.NO_EXECUTE;
    }

    private static boolean pointsToTable(long entry) {
        return (entry & (PageTableEntry.PRESENT | PageTableEntry.SUPERPAGE)) == PageTableEntry.PRESENT;
    }
}
