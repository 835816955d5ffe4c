package grantlab.grant.tree;

import grantlab.api.abi.V3Entry;

/**
 * Arithmetic of indices (grant-v3.md, section 3): 9 bits of an index choose the entry in a node. Entries at level 1 stand for
 * pages of 4 KiB, at level 2 for 2 MiB, at level 3 for 1 GiB; the root is the highest.
 */
public final class Levels {
    /** Bits of an index that choose an entry. */
    public static final int BITS = V3Entry.LEVEL_BITS;

    /** Entries of a node. */
    public static final int ENTRIES = 1 << BITS;

    /** How high a tree can be. */
    public static final int MOST = 4;

    /** There is no leaf above this level. */
    public static final int HIGHEST_LEAF = 3;

    private Levels() {}

    /**
     * The order of what an entry stands for.
     *
     * @param level 1..4
     * @return log2 of its pages
     */
    public static int order(int level) {
        return BITS * (level - 1);
    }

    /**
     * The level whose entries stand for an order.
     *
     * @param order 0, 9 or 18
     * @return 1, 2 or 3
     */
    public static int ofOrder(int order) {
        return order / BITS + 1;
    }

    /**
     * How many indices a tree has.
     *
     * @param levels 1..4
     * @return 2^9, 2^18, 2^27 or 2^36
     */
    public static long span(int levels) {
        return 1L << (BITS * levels);
    }

    /**
     * The entry of a node through which the way to an index leads.
     *
     * @param index in pages
     * @param level of the node
     * @return 0..511
     */
    public static int entry(long index, int level) {
        return (int) (index >>> order(level)) & (ENTRIES - 1);
    }

    /**
     * The first of the indices that share an entry with one.
     *
     * @param index in pages
     * @param level of the entry
     * @return the index with its low bits cleared
     */
    public static long first(long index, int level) {
        return index & (-1L << order(level));
    }
}
