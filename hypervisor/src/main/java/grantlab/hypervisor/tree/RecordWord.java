package grantlab.hypervisor.tree;

import grantlab.api.Access;
import grantlab.api.abi.V3Revoke;

/**
 * What one word says of a mapping, and which mapping of that record it is. Static functions over the word; nothing is stored.
 *
 * <pre>
 *   63        32 31    24  23       22      21   16 15    8      7       6       5         4       3     2     0
 *  | generation |  fates | sunk | together | order | access | replaced | alone | empty | estranged | flat | state |
 * </pre>
 *
 * A record goes MADE (of those alone, which nobody was told of yet), LIVE, CLAIMED, or LIVE, CLAIMED, TAKEN, CLAIMED when a
 * revocation was first, which may wait for devices in DRAINING before TAKEN; state 0 is no mapping. OUT is how v3_unmap claims those of
 * a set that it takes out together ({@link Records#takeOut}). The generation stays when the mapping ends, and of one alone it has gone on.
 */
public final class RecordWord {
    static final int LIVE = 1;
    static final int CLAIMED = 2;
    static final int TAKEN = 3;
    static final int MADE = 4;
    static final int DRAINING = 5;
    static final int OUT = 6;

    /** Of the fates: may be taken away (ACCEPT_FAULT). */
    public static final int FAULT = 1 << V3Revoke.CPU_FAULT;

    /** Of the fates: zeros may take its place (ACCEPT_ZERO). */
    public static final int ZERO = 1 << V3Revoke.CPU_ZERO;

    /** Of the fates: a copy may take its place (ACCEPT_SNAPSHOT). */
    public static final int SNAPSHOT = 1 << V3Revoke.CPU_SNAPSHOT;

    /** Fates in which something stands in for what is taken. */
    public static final int STAND_INS = ZERO | SNAPSHOT;

    /** Of the fates: what devices write there may vanish (ACCEPT_SINK). */
    public static final int SINK = 1 << 3;

    /** Of the fates: may become read-only (ACCEPT_DOWNGRADE); the others are for revocation. */
    public static final int DOWNGRADE = 1 << 4;

    /** With the fates: a page of its grantee's {@link Reserve} was promised to it. */
    public static final int RESERVED = 1 << 5;

    private static final int HELD_SHIFT = 6;
    private static final int RIGHTS = Access.READ | Access.WRITE;
    private static final int CPU_FATES = FAULT | STAND_INS;

    private static final int STATE = 7;
    private static final long FLAT = 1 << 3;
    private static final long ESTRANGED = 1 << 4;
    private static final long EMPTY = 1 << 5;
    private static final long ALONE = 1 << 6;
    private static final long REPLACED = 1 << 7;
    private static final long TOGETHER = 1 << 22;
    private static final long SUNK = 1 << 23;
    private static final int ORDER = 0x3f;
    private static final int ACCESS_SHIFT = 8;
    private static final int ORDER_SHIFT = 16;
    private static final int FATES_SHIFT = 24;
    private static final int BYTE = 0xff;
    private static final long GENERATION = 0xffff_ffffL << 32;
    private static final long ONE_GENERATION = 1L << 32;

    /** What makes a mapping one that is not of a granter's single page, reached by the CPU alone. */
    private static final long EXTRAORDINARY = FLAT
            | ESTRANGED
            | EMPTY
            | REPLACED
            | SUNK
            | (long) Access.DEVICE << ACCESS_SHIFT
            | (long) ORDER << ORDER_SHIFT
            | (long) RESERVED << FATES_SHIFT;

    private RecordWord() {}

    static long fresh(long before, int state, int access, int fates, int order, boolean flat, boolean alone) {
        return (before & GENERATION)
                | state
                | (flat ? FLAT : 0)
                | (alone ? ALONE : 0)
                | (long) access << ACCESS_SHIFT
                | (long) order << ORDER_SHIFT
                | (long) fates << FATES_SHIFT;
    }

    static int state(long word) {
        return (int) word & STATE;
    }

    static long inState(long word, int state) {
        return (word & ~STATE) | state;
    }

    /** It holds for eight records ({@link RecordOctet}). */
    static long together(long word) {
        return word | TOGETHER;
    }

    /** The same of one of them. */
    public static long apart(long word) {
        return word & ~TOGETHER;
    }

    /** What one says holds for another, which keeps its generation. */
    static long like(long word, long other) {
        return (word & ~GENERATION) | (other & GENERATION);
    }

    /** Whether it holds for eight records, of which this is the first. */
    public static boolean isTogether(long word) {
        return (word & TOGETHER) != 0;
    }

    /** It reads and writes no more. */
    static long readsOnly(long word) {
        return word & ~((long) Access.WRITE << ACCESS_SHIFT);
    }

    /** A revocation took what it stood for. */
    static long taken(long word) {
        return inState(word, TAKEN) | EMPTY;
    }

    static long estranged(long word) {
        return word | ESTRANGED;
    }

    /** Its place is empty, and held something of which devices may know yet. */
    static long draining(long word, int held) {
        return inState(word, DRAINING) | (long) held << (HELD_SHIFT + FATES_SHIFT);
    }

    /** What its place held when devices were still to be waited for: READ, READ | WRITE or nothing. */
    public static int held(long word) {
        return fates(word) >>> HELD_SHIFT & RIGHTS;
    }

    /** Something stands in at its place. */
    static long replaced(long word) {
        return word | REPLACED;
    }

    /** There is no mapping any more. */
    static long ended(long word) {
        return word & GENERATION;
    }

    static boolean isAlone(long word) {
        return (word & ALONE) != 0;
    }

    /** The generation, where a handle has it. */
    static long generation(long word) {
        return word & GENERATION;
    }

    /** Never zero, so that no handle is. */
    static long withGeneration(long word) {
        return generation(word) == 0 ? word + ONE_GENERATION : word;
    }

    static long nextGeneration(long word) {
        return word + ONE_GENERATION;
    }

    /** As it is mapped: READ or READ | WRITE, with HOST, DEVICE or both. */
    public static int access(long word) {
        return (int) (word >>> ACCESS_SHIFT) & BYTE;
    }

    /** As it is mapped: 0, 9 or 18. */
    public static int order(long word) {
        return (int) (word >>> ORDER_SHIFT) & ORDER;
    }

    /** What its grantee accepted, 8 bits. */
    public static int fates(long word) {
        return (int) (word >>> FATES_SHIFT) & BYTE;
    }

    /** Whether its grantee accepted a fate in which it loses what the CPU reaches. */
    public static boolean acceptsFate(long word) {
        return (fates(word) & CPU_FATES) != 0;
    }

    /**
     * What becomes of what the CPU reaches (grant-v3.md, 8.1): what is asked for, where its grantee accepted that, else the first that
     * he did.
     *
     * @param asked a CPU fate of {@link V3Revoke}
     * @return a CPU fate; FAULT where none was accepted, or the CPU reaches nothing
     */
    public static int cpuFate(long word, int asked) {
        int accepted = (access(word) & Access.HOST) != 0 ? fates(word) & CPU_FATES : 0;
        if (accepted == 0) {
            return V3Revoke.CPU_FAULT;
        }
        return (accepted >>> asked & 1) != 0 ? asked : Integer.numberOfTrailingZeros(accepted);
    }

    /** Whether a page of its grantee's reserve was promised to it. */
    public static boolean isReserved(long word) {
        return (fates(word) & RESERVED) != 0;
    }

    /** Whether something stands in for what a revocation took: the record names that frame. */
    public static boolean isReplaced(long word) {
        return (word & REPLACED) != 0;
    }

    /** Whether a mapping writes, and its grantee did not agree that it may become read-only. */
    public static boolean insistsOnWriting(int access, int fates) {
        return Access.writes(access) && (fates & DOWNGRADE) == 0;
    }

    /** What devices write at its place vanishes. */
    static long sunk(long word) {
        return word | SUNK;
    }

    /** Whether what devices write at its place vanishes: the record names the frame that swallows it. */
    public static boolean isSunk(long word) {
        return (word & SUNK) != 0;
    }

    /** Whether what devices write at its place may vanish when it is taken: of a page, and its grantee agreed. */
    public static boolean mayBeSunk(long word) {
        return (fates(word) & SINK) != 0 && order(word) == 0 && (access(word) & Access.HOST) != 0;
    }

    /** Whether its act is a reference of the flat table. */
    public static boolean isFlat(long word) {
        return (word & FLAT) != 0;
    }

    /** Whether a revocation took what it stood for: it holds nothing. */
    public static boolean isEmpty(long word) {
        return (word & EMPTY) != 0;
    }

    /**
     * Whether mappings are each of a single page through a tree, which the CPU alone reaches, which nobody has taken back, and for which
     * nothing is promised.
     *
     * @param words all of them, one or the other
     */
    public static boolean areOrdinary(long words) {
        return (words & EXTRAORDINARY) == 0;
    }

    /** Whether its granter is gone for good. */
    public static boolean isEstranged(long word) {
        return (word & ESTRANGED) != 0;
    }
}
