package grantlab.p2m.frame;

import grantlab.api.memory.FrameTable;

/**
 * The state of one frame in one word, so that one compare-exchange sees and changes all of it: 32 bits of references, 16
 * bits of owner, flags. A frame that never had an owner is all zeroes.
 */
final class FrameWord {
    /** References that {@code get} leaves room for: far below the 32 bits. */
    static final long REFERENCE_LIMIT = 0x7fff_ffffL;

    /** One of the references is that of the allocation (Xen's PGC_allocated). */
    static final long ALLOCATED = 1L << 48;

    /** A frame of the hypervisor that a domain may use (Xen's PGC_xen_heap). */
    static final long SHARED = 1L << 49;

    /** Taken from its owner, and not yet given to another. */
    static final long STOLEN = 1L << 50;

    /** Somebody had it: its bytes need not be zero. */
    static final long USED = 1L << 51;

    /** Free, and its last owner died: nobody gets it before it is scrubbed (PGC_need_scrub). */
    static final long NEEDS_SCRUB = 1L << 52;

    private static final long REFERENCES = 0xffff_ffffL;
    private static final int OWNER_SHIFT = 32;
    private static final long OWNER = 0xffffL << OWNER_SHIFT;

    private FrameWord() {}

    /** The owner's field alone. */
    static long ownedBy(int owner) {
        return (long) (owner + 1) << OWNER_SHIFT;
    }

    static long references(long word) {
        return word & REFERENCES;
    }

    static int owner(long word) {
        return (int) ((word & OWNER) >>> OWNER_SHIFT) - 1;
    }

    static boolean hasOwner(long word) {
        return (word & OWNER) != 0;
    }

    /** Whether a caller of get who asks for an owner gets this one: NO_OWNER asks for any. */
    static boolean isOwnedBy(long word, int owner) {
        return owner == FrameTable.NO_OWNER ? hasOwner(word) : (word & OWNER) == ownedBy(owner);
    }

    static boolean has(long word, long flag) {
        return (word & flag) != 0;
    }

    /** Whether the only reference is one that put may not drop: the allocation's, or that of whoever stole the frame. */
    static boolean isLastOne(long word) {
        return references(word) == 1 && has(word, ALLOCATED | STOLEN);
    }

    static String describe(long mfn, long word) {
        return "mfn 0x" + Long.toHexString(mfn) + " {owner "
                + (hasOwner(word) ? "d" + owner(word) : "nobody")
                + ", references " + references(word)
                + (has(word, ALLOCATED) ? ", allocated" : "")
                + (has(word, SHARED) ? ", shared" : "")
                + (has(word, STOLEN) ? ", stolen" : "")
                + "}";
    }
}
