package grantlab.hypervisor.tree;

import grantlab.api.Access;

/**
 * The pin word of a leaf's act (grant-v3.md, section 6): its state, and two counters of 28 bits, since a leaf of 1 GiB that is
 * mapped page by page needs 262,144. Static functions over the word; nothing is stored here.
 *
 * <pre>
 *   63    60 59    56 55          28 27           0
 *  | state  |  zero  |   readers    |   writers   |
 * </pre>
 *
 * NEW and CLOSING are passed through under the lock of the act's bucket and never seen.
 */
public final class LeafPins {
    /** The leaf may be mapped. */
    public static final int LIVE = 1;

    /** The leaf is being taken back: nothing new. */
    public static final int REVOKING = 2;

    /** The leaf was taken back, and the grantee has not acknowledged all of it. */
    public static final int REVOKED = 3;

    private static final int READERS_SHIFT = 28;
    private static final int STATE_SHIFT = 60;
    private static final long COUNTER = (1L << READERS_SHIFT) - 1;
    private static final long COUNTERS = COUNTER << READERS_SHIFT | COUNTER;

    private LeafPins() {}

    /** The word of a leaf that nobody uses yet. */
    public static long fresh() {
        return (long) LIVE << STATE_SHIFT;
    }

    /** The same counters in another state. */
    public static long inState(long word, int state) {
        return (word & COUNTERS) | (long) state << STATE_SHIFT;
    }

    /** The state. */
    public static int state(long word) {
        return (int) (word >>> STATE_SHIFT);
    }

    /**
     * One use.
     *
     * @param access READ or READ | WRITE
     * @return to be added or taken away
     */
    public static long increment(int access) {
        return Access.writes(access) ? 1 : 1L << READERS_SHIFT;
    }

    /** Whether there may be no more uses: each of them may come to read only, so together they fit one counter. */
    public static boolean full(long word) {
        return readers(word) + writers(word) == COUNTER;
    }

    /** A use that wrote only reads from now on. */
    public static long downgraded(long word) {
        return word - increment(Access.WRITE) + increment(Access.READ);
    }

    /** Uses that only read. */
    public static long readers(long word) {
        return word >>> READERS_SHIFT & COUNTER;
    }

    /** Uses that may write. */
    public static long writers(long word) {
        return word & COUNTER;
    }

    /** Whether there is any use. */
    public static boolean used(long word) {
        return (word & COUNTERS) != 0;
    }

    /**
     * What the granter is to see of the uses that are left.
     *
     * @return {@link Access#READ} and WRITE as uses exist, or 0
     */
    public static int inUse(long word) {
        return (used(word) ? Access.READ : 0) | (writers(word) != 0 ? Access.WRITE : 0);
    }
}
