package grantlab.grant.tree;

import grantlab.api.Access;
import grantlab.api.abi.V3Entry;
import grantlab.api.memory.Page;

/**
 * The entry (grant-v3.md, section 3): one naturally aligned 64-bit word, reached by single loads and compare-exchanges alone.
 * Every rule about a word is a function here; nothing is stored.
 *
 * <pre>
 *   63 | 62..59 | 58..52 | 51 ........ 12 |   11   |    10    |    9     | 8..6 |   5    |     4     |  3  | 2 | 1..0
 *    0 |  GEN   |   SW   |     FRAME      | W_SEEN | MAPPED_W | MAPPED_R |  0   | NOTIFY | COPY_ONLY | DEV | W | TYPE
 * </pre>
 *
 * In a tombstone bit 6 is ATTACHED. In a table entry bits 11:4 and 62:59 are zero. Of empty entries and tombstones only TYPE is
 * looked at.
 */
public final class LeafWord {
    /** Bytes of an entry. */
    public static final int BYTES = V3Entry.SIZE;

    /** What the entry is: one of EMPTY, TABLE, LEAF and TOMBSTONE. */
    public static final int TYPE = (int) V3Entry.TYPE_MASK;

    /** Nothing is granted here. */
    public static final int EMPTY = V3Entry.EMPTY;

    /** FRAME is a node of the level below. */
    public static final int TABLE = V3Entry.TABLE;

    /** FRAME is granted. */
    public static final int LEAF = V3Entry.LEAF;

    /** Was a leaf, and is closed to new uses. */
    public static final int TOMBSTONE = V3Entry.TOMBSTONE;

    /** May be written. In a table entry: so may everything below. */
    public static final long W = V3Entry.W;

    /** May be used by a device. In a table entry: so may everything below. */
    public static final long DEV = V3Entry.DEV;

    /** For copies only. */
    public static final long COPY_ONLY = V3Entry.COPY_ONLY;

    /** The granter wants to hear of the end of the last use. */
    public static final long NOTIFY = V3Entry.NOTIFY;

    /** Tombstones: the grantee still holds a mapping that was taken back. Written by the hypervisor. */
    public static final long ATTACHED = V3Entry.ATTACHED;

    /** Bits 8:7: zero in leaves. */
    public static final long RESERVED = 3L << 7;

    /** In use. Written by the hypervisor. */
    public static final long MAPPED_R = V3Entry.MAPPED_R;

    /** In use for writing. Written by the hypervisor. */
    public static final long MAPPED_W = V3Entry.MAPPED_W;

    /** Was in use for writing since the guest last cleared this bit. */
    public static final long W_SEEN = V3Entry.W_SEEN;

    /** Both bits that say in use. */
    public static final long MAPPED = MAPPED_R | MAPPED_W;

    /** The granter's number of the node or page, shifted by 12. */
    public static final long FRAME = V3Entry.FRAME_MASK;

    /** The guest's own; ignored and preserved. */
    public static final long SW = V3Entry.SW_MASK;

    /** Counts the grants of an index. */
    public static final long GEN = V3Entry.GEN_MASK;

    /** Bit 63: zero. */
    public static final long EXTENSION = 1L << 63;

    private static final long ONE_GENERATION = 1L << V3Entry.GEN_SHIFT;
    private static final long ZERO_IN_LEAF = EXTENSION | RESERVED | ATTACHED;
    private static final long ZERO_IN_TABLE = EXTENSION | GEN | 0xff0L;

    private LeafWord() {}

    // What it is

    /**
     * The type.
     *
     * @param word an entry
     * @return EMPTY, TABLE, LEAF or TOMBSTONE
     */
    public static int type(long word) {
        return (int) word & TYPE;
    }

    /**
     * Whether it is a table entry, with or without reserved bits.
     *
     * @param word an entry
     * @return true if so
     */
    public static boolean isTable(long word) {
        return type(word) == TABLE;
    }

    /**
     * Whether it is a leaf or was one.
     *
     * @param word an entry
     * @return true if so
     */
    public static boolean isLeafOrTombstone(long word) {
        return (word & LEAF) != 0;
    }

    /**
     * Whether all bits are zero that its type has no use for.
     *
     * @param word an entry
     * @return false: its reserved bits forbid to use it
     */
    public static boolean isSound(long word) {
        long zero = switch (type(word)) {
            case TABLE -> ZERO_IN_TABLE;
            case LEAF -> ZERO_IN_LEAF;
            default -> 0;
        };
        return (word & zero) == 0;
    }

    /**
     * The frame that is named.
     *
     * @param word an entry that is not empty
     * @return the granter's number of it, below 2^40
     */
    public static long frame(long word) {
        return Page.frame(word & FRAME);
    }

    /**
     * Whether the frame is aligned to what the entry stands for.
     *
     * @param word a leaf
     * @param order 0, 9 or 18
     * @return false: bad_page
     */
    public static boolean isAligned(long word, int order) {
        return (frame(word) & ((1L << order) - 1)) == 0;
    }

    // What it grants

    /**
     * The part of a word that makes a grant the same grant.
     *
     * @param word a leaf or tombstone
     * @return FRAME and GEN
     */
    public static long grant(long word) {
        return word & (FRAME | GEN);
    }

    /**
     * The generation of a grant.
     *
     * @param word any
     * @return 0..15
     */
    public static int generation(long word) {
        return (int) ((word & GEN) >>> V3Entry.GEN_SHIFT);
    }

    /**
     * Whether a word is of a grant: that leaf, or the tombstone that it became.
     *
     * @param word an entry
     * @param grant from {@link #grant}
     * @return false: it is something else by now
     */
    public static boolean isOf(long word, long grant) {
        return isLeafOrTombstone(word) && grant(word) == grant;
    }

    /**
     * What a leaf allows.
     *
     * @param word a leaf
     * @param masks W and DEV, as far as all table entries above it have them
     * @return a set of {@link Access}: READ and COPY always, HOST unless COPY_ONLY, WRITE and DEVICE as the bits say
     */
    public static int rights(long word, long masks) {
        long allowed = word & masks;
        int rights = Access.READ | Access.COPY | ((allowed & W) != 0 ? Access.WRITE : 0);
        if ((word & COPY_ONLY) == 0) {
            rights |= Access.HOST | ((allowed & DEV) != 0 ? Access.DEVICE : 0);
        }
        return rights;
    }

    /**
     * Whether rights suffice.
     *
     * @param rights from {@link #rights}
     * @param access READ or READ | WRITE, with HOST, DEVICE or COPY
     * @return false: permission denied
     */
    public static boolean permits(int rights, int access) {
        return (access & ~rights) == 0;
    }

    // What the hypervisor makes of it

    /**
     * In use.
     *
     * @param word a leaf
     * @param access READ or READ | WRITE
     * @return the leaf, marked for the use; the same word when it is marked already
     */
    public static long marked(long word, int access) {
        return word | (Access.writes(access) ? MAPPED_R | MAPPED_W | W_SEEN : MAPPED_R);
    }

    /**
     * The bits of uses.
     *
     * @param uses READ, WRITE, both or none
     * @return MAPPED_R, MAPPED_W, both or none
     */
    public static long mapped(int uses) {
        return ((uses & Access.READ) != 0 ? MAPPED_R : 0) | (Access.writes(uses) ? MAPPED_W : 0);
    }

    /**
     * In use no more. Whoever ends writing leaves W_SEEN, or the granter would not know of what was written since it cleared
     * that bit.
     *
     * @param word a leaf or tombstone
     * @param bits MAPPED_R, MAPPED_W or both
     * @return the word without them
     */
    public static long unmarked(long word, long bits) {
        boolean endsWriting = (word & bits & MAPPED_W) != 0;
        return (word & ~bits) | (endsWriting ? W_SEEN : 0);
    }

    /**
     * Marked as the uses are.
     *
     * @param word a leaf or tombstone
     * @param mapped MAPPED_R, MAPPED_W, both or none
     * @return the word with these and no others of them
     */
    public static long synchronised(long word, long mapped) {
        boolean written = ((word | mapped) & MAPPED_W) != 0;
        return (word & ~MAPPED) | mapped | (written ? W_SEEN : 0);
    }

    /**
     * Free, though the grantee has not let go of the dead mapping.
     *
     * @param word a tombstone
     * @return in use no more, and ATTACHED
     */
    public static long attached(long word) {
        return unmarked(word, MAPPED) | ATTACHED;
    }

    // What both sides make of it

    /**
     * Closed to new uses.
     *
     * @param word a leaf
     * @return the tombstone: only the type is another
     */
    public static long closed(long word) {
        return word | TOMBSTONE;
    }

    /**
     * Writing is not allowed any more.
     *
     * @param word a leaf
     * @return it without W; its marks stay
     */
    public static long readOnly(long word) {
        return word & ~W;
    }

    // What the guest makes of it

    /**
     * A table entry.
     *
     * @param frame the guest's number of a node
     * @return it, allowing everything
     */
    public static long table(long frame) {
        return Page.address(frame) | TABLE | W | DEV;
    }

    /**
     * A new grant.
     *
     * @param before the word that it replaces: an empty one, or the tombstone of the index
     * @param frame the guest's number of the page
     * @param access READ or READ | WRITE
     * @return the leaf, of the next generation
     */
    public static long granted(long before, long frame, int access) {
        long generation = (before + ONE_GENERATION) & GEN;
        return generation | (before & SW) | Page.address(frame) | LEAF | DEV | (Access.writes(access) ? W : 0);
    }

    /**
     * Nothing granted any more.
     *
     * @param word a leaf or tombstone
     * @return empty; GEN and SW stay
     */
    public static long emptied(long word) {
        return word & (GEN | SW);
    }

    /**
     * Whether the hypervisor says that it is in use.
     *
     * @param word a leaf or tombstone
     * @return true while a use of any kind exists
     */
    public static boolean isInUse(long word) {
        return isLeafOrTombstone(word) && (word & MAPPED) != 0;
    }

    /**
     * Whether an index may be granted again (rule e): never while the grantee holds a mapping, dead or alive.
     *
     * @param word an entry
     * @return true of an empty one and of a tombstone that everybody let go of
     */
    public static boolean isVacant(long word) {
        return type(word) == EMPTY || (type(word) == TOMBSTONE && (word & (MAPPED | ATTACHED)) == 0);
    }
}
