package grantlab.conformance.fuzz.audit;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The page tables of a PV domain, read as the processor reads them. Each present entry of level 1 holds a reference, and a
 * use of the writable type where it is writable and the page's owner is typed or is this domain; each one above holds the
 * table that it leads to; the root is held by the domain. Of each table the last look is kept, so that the cost follows what
 * changed.
 */
final class PageTablePlaces implements Places {
    private static final int ENTRIES = Page.SIZE / Long.BYTES;
    private static final long PRESENT = 1;
    private static final long WRITABLE = 2;
    private static final long FRAME = 0x000f_ffff_ffff_f000L;

    private final int domid;
    private final MachineMemory memory;
    private final FrameTable frames;
    private final List<Table> tables = new ArrayList<>();
    private final long[] now = new long[ENTRIES];
    private final MemorySegment nowBytes = MemorySegment.ofArray(now);

    PageTablePlaces(int domid, MachineMemory memory, FrameTable frames) {
        this.domid = domid;
        this.memory = memory;
        this.frames = frames;
    }

    /** A frame with entries, as they were at the last look. */
    private static final class Table {
        final long mfn;
        final int level;
        final long[] entries = new long[ENTRIES];

        /** Entries that hold a type use: the frame's owner may be another by the time when they go. */
        final BitSet typed = new BitSet(ENTRIES);

        Table(long mfn, int level) {
            this.mfn = mfn;
            this.level = level;
        }
    }

    /** A frame of the domain: if it is a table it is watched from now on. */
    void owned(long mfn, Holdings holdings) {
        int level = frames.type(mfn);
        if (level < FrameTable.TYPE_L1 || level > FrameTable.TYPE_L4 || knows(mfn)) {
            return;
        }
        tables.add(new Table(mfn, level));
        if (level == FrameTable.TYPE_L4) {
            holdings.add(mfn, 1, 1);
        }
    }

    private boolean knows(long mfn) {
        return tables.stream().anyMatch(table -> table.mfn == mfn);
    }

    @Override
    public void refresh(Holdings holdings, LongConsumer changed) {
        for (Iterator<Table> each = tables.iterator(); each.hasNext(); ) {
            Table table = each.next();
            boolean alive = frames.owner(table.mfn) == domid && frames.type(table.mfn) == table.level;
            if (alive) {
                memory.copyOut(Page.address(table.mfn), nowBytes);
            } else {
                Arrays.fill(now, 0);
                if (table.level == FrameTable.TYPE_L4) {
                    holdings.add(table.mfn, -1, -1);
                }
                each.remove();
            }
            refresh(table, holdings, changed);
        }
    }

    private void refresh(Table table, Holdings holdings, LongConsumer changed) {
        int at = Arrays.mismatch(table.entries, now);
        while (at >= 0) {
            drop(table, at, holdings, changed);
            table.entries[at] = now[at];
            take(table, at, holdings, changed);
            int next = Arrays.mismatch(table.entries, at + 1, ENTRIES, now, at + 1, ENTRIES);
            at = next < 0 ? -1 : at + 1 + next;
        }
    }

    private static void drop(Table table, int at, Holdings holdings, LongConsumer changed) {
        long entry = table.entries[at];
        if ((entry & PRESENT) != 0) {
            holdings.add(frame(entry), -1, table.typed.get(at) ? -1 : 0);
            changed.accept(frame(entry));
        }
    }

    private void take(Table table, int at, Holdings holdings, LongConsumer changed) {
        long entry = table.entries[at];
        if ((entry & PRESENT) != 0) {
            boolean typed = table.level != FrameTable.TYPE_L1 || ((entry & WRITABLE) != 0 && isTyped(frame(entry)));
            table.typed.set(at, typed);
            holdings.add(frame(entry), 1, typed ? 1 : 0);
            changed.accept(frame(entry));
        }
    }

    private static long frame(long entry) {
        return (entry & FRAME) >>> Page.SHIFT;
    }

    private boolean isTyped(long mfn) {
        int owner = frames.owner(mfn);
        return owner == domid || (owner != FrameTable.NO_OWNER && frames.typed(owner));
    }

    @Override
    public int left() {
        return tables.size();
    }
}
