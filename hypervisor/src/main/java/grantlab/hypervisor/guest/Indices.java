package grantlab.hypervisor.guest;

import java.util.BitSet;

/**
 * Indices of one table, handed out in runs, the lowest first: what is granted lies close together, and a tree needs few nodes. A
 * single index is found without a search while nothing was given back below it. One thread at a time.
 */
public final class Indices {
    /** GNTTAB_NR_RESERVED_ENTRIES. */
    private static final int RESERVED = 8;

    /** Those below are reserved, or are what scripts and clauses call by number. */
    static final int FIRST = RESERVED + GuestLayout.NAMES;

    private final int end;
    private final BitSet taken = new BitSet();

    /** Nothing is free below. */
    private int lowest = FIRST;

    /** All free, of a table of some size. */
    Indices(long size) {
        this.end = (int) Math.min(size, Integer.MAX_VALUE);
    }

    /**
     * Takes neighbours.
     *
     * @param count at least 1
     * @return the first, or -1
     */
    public long take(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(count + " indices are none");
        }
        int first = taken.nextClearBit(lowest);
        lowest = first;
        int next = taken.nextSetBit(first);
        while (next >= 0 && next - first < count) {
            first = taken.nextClearBit(next);
            next = taken.nextSetBit(first);
        }
        if (count > end - first) {
            return -1;
        }
        taken.set(first, first + count);
        return first;
    }

    /**
     * Gives some back.
     *
     * @param first of them
     * @param count at least 1
     * @throws IllegalArgumentException when one of them was not taken; nothing happened
     */
    public void giveBack(long first, int count) {
        int at = (int) first;
        if (at != first || at < FIRST || count < 1 || count > end - at || taken.nextClearBit(at) < at + count) {
            throw new IllegalArgumentException(count + " indices from " + first + " on were not taken");
        }
        taken.clear(at, at + count);
        lowest = Math.min(lowest, at);
    }
}
