package grantlab.iommu.tlb;

import grantlab.api.iommu.DeviceSpace;
import grantlab.iommu.table.Blocks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The lines for entries of one order: direct mapped, shared by all devices of a space. A line has a sequence, odd while somebody
 * writes it, so that nobody reads half of one and the other half of another.
 */
final class Lines {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int LINE_LONGS = 4;
    private static final int SEQUENCE = 0;
    private static final int BLOCK = 1;
    private static final int ENTRY = 2;

    private final int order;
    private final int count;
    private final long[] lines;

    /** @param count a power of two */
    Lines(int order, int count) {
        this.order = order;
        this.count = count;
        this.lines = new long[count * LINE_LONGS];
    }

    private int lineOf(long block) {
        return ((int) block & count - 1) * LINE_LONGS;
    }

    /** The entry of a dfn, or NO_ENTRY: nothing is remembered, or somebody is just writing the line. */
    long lookUp(long dfn) {
        long block = dfn >>> order;
        int line = lineOf(block);
        long sequence = (long) LONGS.getAcquire(lines, line + SEQUENCE);
        long tag = (long) LONGS.getOpaque(lines, line + BLOCK);
        long entry = (long) LONGS.getOpaque(lines, line + ENTRY);
        VarHandle.loadLoadFence();
        boolean torn = (sequence & 1) != 0 || (long) LONGS.getOpaque(lines, line + SEQUENCE) != sequence;
        if (torn || tag != block || entry == DeviceSpace.NO_ENTRY) {
            return DeviceSpace.NO_ENTRY;
        }
        return entry + (Blocks.within(dfn, order) << DeviceSpace.FRAME_SHIFT);
    }

    /**
     * Remembers, unless something was forgotten since.
     *
     * @param entry of this order, for this very dfn
     * @param forgettings how many there were when the table was looked at
     */
    void fill(long dfn, long entry, Forgettings since, long forgettings) {
        long block = dfn >>> order;
        int line = lineOf(block);
        long sequence = (long) LONGS.getVolatile(lines, line + SEQUENCE);
        if ((sequence & 1) != 0 || !LONGS.compareAndSet(lines, line + SEQUENCE, sequence, sequence + 1)) {
            // Somebody else remembers something there: the next access will try again.
            return;
        }
        VarHandle.storeStoreFence();
        if (since.count() == forgettings) {
            LONGS.setOpaque(lines, line + BLOCK, block);
            LONGS.setOpaque(lines, line + ENTRY, entry - (Blocks.within(dfn, order) << DeviceSpace.FRAME_SHIFT));
        }
        LONGS.setRelease(lines, line + SEQUENCE, sequence + 2);
    }

    /** Forgets what overlaps a range. The forgetting was counted before. */
    void forget(long dfn, int rangeOrder) {
        if (rangeOrder <= order) {
            forgetLine(lineOf(dfn >>> order), dfn, rangeOrder);
            return;
        }
        for (int line = 0; line < lines.length; line += LINE_LONGS) {
            forgetLine(line, dfn, rangeOrder);
        }
    }

    void forgetAll() {
        forget(0, Long.SIZE - 1);
    }

    private void forgetLine(int line, long dfn, int rangeOrder) {
        long sequence = acquire(line);
        VarHandle.storeStoreFence();
        long first = (long) LONGS.getOpaque(lines, line + BLOCK) << order;
        if (overlap(first, dfn, Math.max(order, rangeOrder))) {
            LONGS.setOpaque(lines, line + ENTRY, DeviceSpace.NO_ENTRY);
        }
        LONGS.setRelease(lines, line + SEQUENCE, sequence + 2);
    }

    /** Aligned blocks overlap iff they are the same at the larger order. */
    private static boolean overlap(long one, long other, int order) {
        return one >>> order == other >>> order;
    }

    private long acquire(int line) {
        for (int round = 0; ; round++) {
            long sequence = (long) LONGS.getVolatile(lines, line + SEQUENCE);
            if ((sequence & 1) == 0 && LONGS.compareAndSet(lines, line + SEQUENCE, sequence, sequence + 1)) {
                return sequence;
            }
            Pause.once(round);
        }
    }

    boolean leadsTo(long mfn) {
        for (int line = 0; line < lines.length; line += LINE_LONGS) {
            long entry = (long) LONGS.getVolatile(lines, line + ENTRY);
            if (entry != DeviceSpace.NO_ENTRY && Blocks.first(mfn, order) == DeviceSpace.frameOf(entry)) {
                return true;
            }
        }
        return false;
    }
}
