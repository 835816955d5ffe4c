package grantlab.grant.tree.cache;

import grantlab.api.memory.Page;

/**
 * A node that may be read and written, in one word: which page it is, at what level, what the table entries above it allow, and
 * how it is held. Static functions over the word; nothing is stored.
 *
 * <pre>
 *   57..52 | 51 ....... 12 | 6..4  |  3  | 2 | 1..0
 *    slot  |  frame << 12  | level | DEV | W | KIND
 * </pre>
 */
public final class NodeHold {
    /** No node. */
    public static final long NONE = 0;

    /** W and DEV, where entries have them. */
    public static final long MASKS = 3L << 2;

    private static final int KIND = 3;
    private static final int ROOT = 1;
    private static final int CACHED = 2;
    private static final int OWN = 3;
    private static final int LEVEL_SHIFT = 4;
    private static final int LEVEL = 7;
    private static final int SLOT_SHIFT = 52;
    private static final long FRAME = 0x000f_ffff_ffff_f000L;

    private NodeHold() {}

    /**
     * The root, which is held for as long as the tree exists.
     *
     * @param frame machine frame
     * @param level of the root
     * @return a hold that nobody has to let go of
     */
    public static long root(long frame, int level) {
        return Page.address(frame) | (long) level << LEVEL_SHIFT | MASKS | ROOT;
    }

    /**
     * A node on which the holder has references of its own.
     *
     * @param frame machine frame
     * @param level of the node
     * @param masks W and DEV of all table entries that led to it
     * @return the hold
     */
    public static long own(long frame, int level, long masks) {
        return Page.address(frame) | (long) level << LEVEL_SHIFT | (masks & MASKS) | OWN;
    }

    /** The same node, held by a slot of the cache. */
    static long cached(long own, int slot) {
        return (own & ~(long) KIND) | CACHED | (long) slot << SLOT_SHIFT;
    }

    static boolean isCached(long hold) {
        return ((int) hold & KIND) == CACHED;
    }

    /**
     * Whether the holder has references of its own.
     *
     * @param hold any
     * @return true: they have to be dropped
     */
    public static boolean isOwn(long hold) {
        return ((int) hold & KIND) == OWN;
    }

    /**
     * The page.
     *
     * @param hold of a node
     * @return its machine frame
     */
    public static long frame(long hold) {
        return Page.frame(hold & FRAME);
    }

    /**
     * Where an entry of the node is.
     *
     * @param hold of a node
     * @param entry 0..511
     * @return machine address
     */
    public static long address(long hold, int entry) {
        return (hold & FRAME) + (long) entry * Long.BYTES;
    }

    /**
     * The level of the node.
     *
     * @param hold any
     * @return 1..4, or zero of NONE
     */
    public static int level(long hold) {
        return (int) hold >>> LEVEL_SHIFT & LEVEL;
    }

    static int slot(long hold) {
        return (int) (hold >>> SLOT_SHIFT);
    }
}
