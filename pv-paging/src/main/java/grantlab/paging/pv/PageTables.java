package grantlab.paging.pv;

import grantlab.api.Errno;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import java.util.stream.LongStream;

/**
 * Makes frames of one domain into page tables and back (promote and demote in xen/arch/x86/mm.c). A level's number is
 * its FrameTable type. A frame is validated when it gets its first type use and emptied of references before it loses
 * its last: in between every present entry holds a reference, and a type use of the level below, on what it names.
 */
final class PageTables {
    private static final int ENTRIES = 512;
    private static final int ENTRY_BYTES = 8;

    private final int domid;
    private final MachineMemory memory;
    private final FrameTable frames;
    private final PageReferences pages;

    PageTables(int domid, MachineMemory memory, FrameTable frames, PageReferences pages) {
        this.domid = domid;
        this.memory = memory;
        this.frames = frames;
        this.pages = pages;
    }

    /**
     * Takes a reference and a type use of a frame as a table, which validates it with all that it reaches if it was
     * none.
     *
     * @param mfn the frame
     * @param level TYPE_L1 to TYPE_L4
     * @return zero, or -EINVAL and nothing was taken
     */
    synchronized int take(long mfn, int level) {
        if (!frames.get(mfn, 0, domid)) {
            return -Errno.EINVAL;
        }
        boolean validated = frames.type(mfn) == level;
        if (!frames.getType(mfn, level)) {
            frames.put(mfn, 0);
            return -Errno.EINVAL;
        }
        if (!validated && !validate(mfn, level)) {
            frames.putType(mfn);
            frames.put(mfn, 0);
            return -Errno.EINVAL;
        }
        return 0;
    }

    /** Gives back what {@link #take} took. */
    synchronized void drop(long mfn, int level) {
        if (frames.typeUses(mfn) == 1) {
            devalidate(mfn, level, ENTRIES);
        }
        frames.putType(mfn);
        frames.put(mfn, 0);
    }

    /**
     * Ends every table of the domain, also those that nothing but a pin reaches. From the lowest level up, so that
     * each is emptied while it still has its type.
     */
    synchronized void dropAll() {
        long[] tables = tables();
        for (int level = FrameTable.TYPE_L1; level <= FrameTable.TYPE_L4; level++) {
            for (long mfn : tables) {
                if (isTable(mfn) && frames.type(mfn) == level) {
                    empty(mfn, level);
                }
            }
        }
        for (long mfn : tables) {
            unpin(mfn);
        }
    }

    /** All frames of the domain that are tables of any level. */
    private long[] tables() {
        LongStream.Builder tables = LongStream.builder();
        for (long mfn = frames.nextOwned(domid, 0); mfn != FrameTable.NONE; mfn = frames.nextOwned(domid, mfn + 1)) {
            if (isTable(mfn)) {
                tables.add(mfn);
            }
        }
        return tables.build().toArray();
    }

    /** The next frame of the domain that is a table of a level. */
    long nextTable(long from, int level) {
        long mfn = frames.nextOwned(domid, from);
        while (mfn != FrameTable.NONE && frames.type(mfn) != level) {
            mfn = frames.nextOwned(domid, mfn + 1);
        }
        return mfn;
    }

    /**
     * The next L1 entry, in the order of machine addresses, that maps a frame of a block.
     *
     * @param mfn the first frame, aligned to the order
     * @param order log2 of the frames
     * @param from machine address to begin at
     * @return its machine address or -1
     */
    long findEntry(long mfn, int order, long from) {
        long start = from + ENTRY_BYTES - 1 & -ENTRY_BYTES;
        long table = nextTable(Page.frame(start), FrameTable.TYPE_L1);
        while (table != FrameTable.NONE) {
            long end = Page.address(table) + Page.SIZE;
            for (long place = Math.max(start, Page.address(table)); place < end; place += ENTRY_BYTES) {
                long entry = memory.load64Acquire(place);
                if (PageTableEntry.isPresent(entry) && PageTableEntry.frameOf(entry) >>> order == mfn >>> order) {
                    return place;
                }
            }
            table = nextTable(table + 1, FrameTable.TYPE_L1);
        }
        return PageTableWalk.NO_ENTRY;
    }

    private boolean validate(long mfn, int level) {
        for (int index = 0; index < ENTRIES; index++) {
            if (isGuests(level, index) && !validateEntry(placeOf(mfn, index), level)) {
                devalidate(mfn, level, index);
                return false;
            }
        }
        return true;
    }

    private boolean validateEntry(long place, int level) {
        long entry = memory.load64Acquire(place);
        if (!PageTableEntry.isPresent(entry)) {
            return true;
        }
        if (level == FrameTable.TYPE_L1) {
            long adjusted = PageTableEntry.adjustL1(entry);
            if (pages.take(adjusted) != 0) {
                return false;
            }
            memory.store64Release(place, adjusted);
            return true;
        }
        if ((entry & PageTableEntry.FORBIDDEN_ABOVE_L1) != 0 || take(PageTableEntry.frameOf(entry), level - 1) != 0) {
            return false;
        }
        memory.store64Release(place, adjustAbove(entry, level));
        return true;
    }

    /**
     * Higher levels always grant the user bit; an L4 entry looks as if the processor had used it (adjust_guest_l4e).
     */
    private static long adjustAbove(long entry, int level) {
        long adjusted = entry | PageTableEntry.USER;
        return level == FrameTable.TYPE_L4 ? adjusted | PageTableEntry.ACCESSED : adjusted;
    }

    /** Drops what the first entries of a table hold and leaves the words: the frame is going to be plain memory. */
    private void devalidate(long mfn, int level, int entries) {
        for (int index = 0; index < entries; index++) {
            if (isGuests(level, index)) {
                dropEntry(memory.load64Acquire(placeOf(mfn, index)), level);
            }
        }
    }

    /**
     * Takes every entry out and drops what it held. Revocation may be at the same entry: whoever takes it out drops
     * it.
     */
    private void empty(long mfn, int level) {
        for (int index = 0; index < ENTRIES; index++) {
            if (isGuests(level, index)) {
                dropEntry(takeOut(placeOf(mfn, index)), level);
            }
        }
    }

    private void dropEntry(long entry, int level) {
        if (level == FrameTable.TYPE_L1) {
            pages.drop(entry);
        } else if (PageTableEntry.isPresent(entry)) {
            drop(PageTableEntry.frameOf(entry), level - 1);
        }
    }

    private long takeOut(long place) {
        long entry = memory.load64Acquire(place);
        while (entry != PageTableEntry.EMPTY) {
            long witness = memory.compareAndExchange64(place, entry, PageTableEntry.EMPTY);
            if (witness == entry) {
                return entry;
            }
            entry = witness;
        }
        return entry;
    }

    /** A pin is a type use that no entry accounts for, with its reference. */
    private void unpin(long mfn) {
        while (isTable(mfn)) {
            frames.putType(mfn);
            frames.put(mfn, 0);
        }
    }

    /** Whether a frame is the domain's, which one without an allocation ceases to be in its last entry, and a table. */
    private boolean isTable(long mfn) {
        int type = frames.type(mfn);
        return type >= FrameTable.TYPE_L1 && type <= FrameTable.TYPE_L4 && frames.owner(mfn) == domid;
    }

    private static boolean isGuests(int level, int index) {
        return level != FrameTable.TYPE_L4
                || index < LinearAddress.FIRST_XEN_SLOT
                || index > LinearAddress.LAST_XEN_SLOT;
    }

    private static long placeOf(long mfn, int index) {
        return Page.address(mfn) + (long) index * ENTRY_BYTES;
    }
}
