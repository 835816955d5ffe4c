package grantlab.grant.tree.cache;

import grantlab.api.memory.Changes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongConsumer;

/**
 * The nodes of level 1 that a tree's last lookups went to (grant-v3.md, section 7, "HV TLB"): index prefix to node, each with a
 * reference and a use as writable memory, so that a lookup needs no walk. Leaves are never cached, and neither is that something
 * does not exist.
 *
 * <p>A slot is one word that changes by compare-exchange alone. Whoever looks a node up counts as its user until
 * {@link #unpin}: one atomic operation each. A slot in use is never given to another node; one that has to go is not found any
 * more at once, and its node is let go of by the last user.
 *
 * <pre>
 *   empty -> filling -> offered -> found -> empty, or filling again for another node
 *                          '-------'---> leaving -> empty, with the last user
 * </pre>
 *
 * <p>Offered is what a slot is until its filler knows that nobody invalidated since the walk: an invalidation counts itself
 * first and looks at the slots then, the filler offers first and looks at the count then, so that one of the two sees the other.
 * Any thread may call everything. Nothing is allocated, nobody waits.
 */
public final class NodeCache {
    /** At most so many nodes are held. */
    public static final int NODES = 64;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle INVALIDATIONS;

    static {
        try {
            INVALIDATIONS = MethodHandles.lookup().findVarHandle(NodeCache.class, "invalidations", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Slots that a prefix may be in. */
    private static final int WAYS = 4;

    private static final int SETS = NODES / WAYS;

    /** Against others who pin and unpin the same slot: then it is not found, and the caller walks. */
    private static final int ATTEMPTS = 4;

    // A slot: its word, the hold that it gives out, the count of changes before its walk, and how often it was found.
    private static final int STRIDE = 4;
    private static final int HOLD = 1;
    private static final int CHANGES = 2;
    private static final int HITS = 3;

    // The word: 62..32 users, 29..27 state, 26..0 prefix.
    private static final int PREFIX_BITS = 27;
    private static final long PREFIX = (1L << PREFIX_BITS) - 1;
    private static final long STATE = 7L << PREFIX_BITS;
    private static final long EMPTY = 0;
    private static final long FILLING = 1L << PREFIX_BITS;
    private static final long OFFERED = 2L << PREFIX_BITS;
    private static final long FOUND = 3L << PREFIX_BITS;
    private static final long LEAVING = 4L << PREFIX_BITS;
    private static final long ONE_USER = 1L << 32;

    /** Bits of a prefix that choose an entry in a node above. */
    private static final int BITS = 9;

    /** Above the highest entry: everything is below it. */
    private static final int ABOVE_ALL = 5;

    private final Nodes nodes;
    private final Changes changes;
    private final long[] slots = new long[NODES * STRIDE];

    private volatile long invalidations;

    /** The count of changes when everything older was dropped. */
    private volatile long current;

    /** Where the search for a slot to take goes on; a race over it does no harm. */
    private int hand;

    /**
     * An empty cache.
     *
     * @param nodes lets go of nodes
     * @param changes of the granter's map: with each of them everything is dropped
     */
    public NodeCache(Nodes nodes, Changes changes) {
        this.nodes = nodes;
        this.changes = changes;
        this.current = changes.count();
    }

    // Looking up

    /**
     * Finds a node and becomes its user.
     *
     * @param prefix an index without its lowest 9 bits
     * @return a hold for {@link #unpin}, or {@link NodeHold#NONE}
     */
    public long pin(long prefix) {
        long now = changes.count();
        if (now != current) {
            current = now;
            forget(0, ABOVE_ALL);
        }
        int first = firstOfSet(prefix);
        for (int slot = first; slot < first + WAYS; slot++) {
            if (pinned(slot, prefix)) {
                return judged(slot, now);
            }
        }
        return NodeHold.NONE;
    }

    private static int firstOfSet(long prefix) {
        return (int) (prefix % SETS) * WAYS;
    }

    private boolean pinned(int slot, long prefix) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long word = word(slot);
            if ((word & (STATE | PREFIX)) != (FOUND | prefix)) {
                return false;
            }
            if (change(slot, word, word + ONE_USER)) {
                return true;
            }
        }
        return false;
    }

    /** Filled after a walk from before the last change of the map, it may be no node of the granter's any more. */
    private long judged(int slot, long now) {
        int at = slot * STRIDE;
        if (slots[at + CHANGES] != now) {
            leave(slot, word(slot) & PREFIX, 0);
            unpin(slots[at + HOLD]);
            return NodeHold.NONE;
        }
        slots[at + HITS]++;
        return slots[at + HOLD];
    }

    /**
     * Whether {@link #unpin} is how to let go of a hold.
     *
     * @param hold any
     * @return true: it is of this cache
     */
    public static boolean owns(long hold) {
        return NodeHold.isCached(hold);
    }

    /**
     * Ends a use.
     *
     * @param hold from {@link #pin} or {@link #offer}
     */
    public void unpin(long hold) {
        int slot = NodeHold.slot(hold);
        long before = (long) WORDS.getAndAdd(slots, slot * STRIDE, -ONE_USER);
        if (state(before) == LEAVING && users(before) == 1) {
            vacate(slot);
        }
    }

    // Filling

    /**
     * How often anything was invalidated; to be asked before a walk.
     *
     * @return a count for {@link #offer}
     */
    public long invalidations() {
        return invalidations;
    }

    /**
     * Changes of the map so far; to be asked before a walk.
     *
     * @return a count for {@link #offer}
     */
    public long mapChanges() {
        return changes.count();
    }

    /**
     * Takes over the node that a walk came to, if there is room.
     *
     * @param prefix an index without its lowest 9 bits
     * @param own the walk's hold
     * @param mapChanges from before the walk
     * @param invalidated {@link #invalidations} from before the walk
     * @return a hold of this cache, of which the caller is a user; or the walk's hold as it was
     */
    public long offer(long prefix, long own, long mapChanges, long invalidated) {
        int slot = takeSlot(prefix);
        if (slot < 0) {
            return own;
        }
        long hold = NodeHold.cached(own, slot);
        slots[slot * STRIDE + HOLD] = hold;
        slots[slot * STRIDE + CHANGES] = mapChanges;
        long offered = OFFERED | prefix | ONE_USER;
        WORDS.setVolatile(slots, slot * STRIDE, offered);
        if (invalidations != invalidated) {
            leave(slot, prefix, 0);
        } else {
            // Fails only if an invalidation came to it first: then it is leaving.
            change(slot, offered, FOUND | prefix | ONE_USER);
        }
        return hold;
    }

    /** A slot to fill: an empty one, else one that nobody uses; none for what is there already. */
    private int takeSlot(long prefix) {
        int first = firstOfSet(prefix);
        int empty = -1;
        for (int slot = first; slot < first + WAYS; slot++) {
            long word = word(slot);
            if (word == EMPTY) {
                empty = slot;
            } else if ((word & (STATE | PREFIX)) == (FOUND | prefix)) {
                return -1;
            }
        }
        if (empty >= 0 && change(empty, EMPTY, FILLING)) {
            return empty;
        }
        return takeFrom(first);
    }

    private int takeFrom(int first) {
        int start = hand++;
        for (int way = 0; way < WAYS; way++) {
            int slot = first + ((start + way) & (WAYS - 1));
            long word = word(slot);
            if (state(word) == FOUND && users(word) == 0 && change(slot, word, FILLING)) {
                nodes.drop(NodeHold.frame(slots[slot * STRIDE + HOLD]));
                return slot;
            }
        }
        return -1;
    }

    // Forgetting

    /**
     * Forgets what lies below a table entry. What is in use is found no more, and let go of by its last user.
     *
     * @param index of a page below the entry
     * @param level of the entry; its node was forgotten if it was cached, and so were all nodes below that
     */
    public void invalidate(long index, int level) {
        INVALIDATIONS.getAndAdd(this, 1L);
        if (level > 1) {
            forget(index >>> BITS, Math.min(level, ABOVE_ALL));
        }
    }

    /** Forgets everything. */
    public void invalidateAll() {
        invalidate(0, ABOVE_ALL);
    }

    private void forget(long prefix, int level) {
        int shift = BITS * (level - 2);
        for (int slot = 0; slot < NODES; slot++) {
            leave(slot, prefix, shift);
        }
    }

    /** Each failure of the exchange is somebody else's success at this slot. */
    private void leave(int slot, long prefix, int shift) {
        long word = word(slot);
        while (isHere(word) && (word & PREFIX) >>> shift == prefix >>> shift) {
            boolean inUse = users(word) != 0;
            if (change(slot, word, (word & ~STATE) | (inUse ? LEAVING : FILLING))) {
                if (!inUse) {
                    vacate(slot);
                }
                return;
            }
            word = word(slot);
        }
    }

    private static boolean isHere(long word) {
        return state(word) == FOUND || state(word) == OFFERED;
    }

    /** Nobody else touches the slot: it is not found, and has no users. */
    private void vacate(int slot) {
        nodes.drop(NodeHold.frame(slots[slot * STRIDE + HOLD]));
        WORDS.setRelease(slots, slot * STRIDE, EMPTY);
    }

    // Counting

    /**
     * Lookups that were found here; those of several threads at once may be lost.
     *
     * @return since the cache was made
     */
    public long hits() {
        long hits = 0;
        for (int slot = 0; slot < NODES; slot++) {
            hits += slots[slot * STRIDE + HITS];
        }
        return hits;
    }

    /**
     * Nodes that are held here.
     *
     * @return 0..{@link #NODES}
     */
    public int held() {
        int held = 0;
        for (int slot = 0; slot < NODES; slot++) {
            held += isHeld(word(slot)) ? 1 : 0;
        }
        return held;
    }

    /**
     * Shows the nodes that are held here; at rest.
     *
     * @param visitor is given each machine frame
     */
    public void visitHeld(LongConsumer visitor) {
        for (int slot = 0; slot < NODES; slot++) {
            if (isHeld(word(slot))) {
                visitor.accept(NodeHold.frame(slots[slot * STRIDE + HOLD]));
            }
        }
    }

    private static boolean isHeld(long word) {
        return isHere(word) || state(word) == LEAVING;
    }

    private long word(int slot) {
        return (long) WORDS.getVolatile(slots, slot * STRIDE);
    }

    private boolean change(int slot, long from, long to) {
        return WORDS.compareAndSet(slots, slot * STRIDE, from, to);
    }

    private static long state(long word) {
        return word & STATE;
    }

    private static long users(long word) {
        return word >>> 32;
    }
}
