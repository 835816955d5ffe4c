package grantlab.hypervisor.tree;

import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.quota.Stock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The acts of one grantee (grant-v3.md, section 6): for each leaf that it uses of any tree a record of eight words,
 *
 * <pre>
 *   0  pin word ({@link LeafPins})
 *   1  next of the chain 32 | first mapping 32
 *   2  tree 48 ({@link Tree#id}) | order 5
 *   3  key: index of the leaf's first page
 *   4  the table's snapshot of the entry
 *   5  uses without a mapping, of copies and of maps under way
 * </pre>
 *
 * found by tree and key in buckets. A bucket is eight chains for eight neighbouring keys, so that a run of leaves goes from one
 * to the next in memory, and takes one lock for eight: a bit of the first chain's word, and the lock of all acts in the bucket.
 * Words 0 to 5 are touched under it. As there is room for more acts there are more buckets, one at a time (linear hashing), so
 * that no call pays for all. All of it lies in pages of the grantee's pool.
 */
public final class LeafActs {
    /** No act. */
    public static final int NONE = -1;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long LOCK = 1L << 63;
    private static final long LOW = 0xffff_ffffL;
    private static final long EMPTY_CHAIN = LOW;
    private static final int CHAIN_BITS = 3;
    private static final int CHAIN_MASK = (1 << CHAIN_BITS) - 1;
    private static final int PAGE_SHIFT = 9 - CHAIN_BITS;
    private static final int BUCKETS_OF_PAGE = 1 << PAGE_SHIFT;
    private static final int ORDER_MASK = 0x1f;
    private static final int TREE_SHIFT = 16;

    private final PagePool pool;
    private final Slab acts;
    private final ReentrantLock growth = new ReentrantLock();
    private volatile long[][] buckets = {};

    private int[] bucketPages = {};

    /** How many buckets there are; from a power of two on the split ones. */
    private volatile int bucketCount;

    /**
     * No act, no bucket.
     *
     * @param pool of the grantee
     * @param vcpus of the grantee
     */
    public LeafActs(PagePool pool, int vcpus) {
        this.pool = pool;
        this.acts = new Slab(pool, vcpus);
    }

    // Buckets

    /**
     * Locks the bucket of a leaf.
     *
     * @param tree {@link Tree#id}
     * @param key of the leaf
     * @return the bucket, or {@link #NONE} when there is no page for buckets
     */
    public int lock(long tree, long key) {
        long hash = hash(tree, key);
        while (true) {
            int count = bucketCount;
            if (count == 0 && !begin()) {
                return NONE;
            }
            int bucket = bucketOf(hash, count != 0 ? count : bucketCount);
            lockBucket(bucket);
            if (bucketOf(hash, bucketCount) == bucket) {
                return bucket;
            }
            unlock(bucket);
        }
    }

    /**
     * Whether two leaves of one tree have the same bucket.
     *
     * @param key of the one
     * @param other of the other
     * @return true: a lock of one is the lock of both
     */
    public static boolean together(long key, long other) {
        return (key ^ other) >>> CHAIN_BITS == 0;
    }

    /**
     * Locks the bucket of a leaf for whoever only looks whether it has an act: that costs the grantee nothing.
     *
     * @param tree {@link Tree#id}
     * @param key of the leaf
     * @return the bucket; {@link #NONE} when there are no buckets, and none comes into being before {@link #unlockLook}
     */
    public int lockLook(long tree, long key) {
        return bucketCount == 0 && staysEmpty() ? NONE : lock(tree, key);
    }

    /** Whether there are no buckets; growth is locked then. */
    @SuppressWarnings("LockNotBeforeTry") // released by unlockLook
    private boolean staysEmpty() {
        growth.lock();
        if (bucketCount == 0) {
            return true;
        }
        growth.unlock();
        return false;
    }

    /**
     * Lets go after a look.
     *
     * @param bucket from {@link #lockLook}
     */
    public void unlockLook(int bucket) {
        if (bucket == NONE) {
            growth.unlock();
        } else {
            unlock(bucket);
        }
    }

    private void lockBucket(int bucket) {
        long[] page = buckets[bucket >>> PAGE_SHIFT];
        int at = at(bucket);
        for (int spin = 0; ; spin++) {
            long word = (long) WORDS.getOpaque(page, at);
            if (word >= 0 && WORDS.compareAndSet(page, at, word, word | LOCK)) {
                return;
            }
            Spin.once(spin);
        }
    }

    /**
     * Lets go.
     *
     * @param bucket locked
     */
    public void unlock(int bucket) {
        long[] page = buckets[bucket >>> PAGE_SHIFT];
        int at = at(bucket);
        WORDS.setRelease(page, at, (long) WORDS.getOpaque(page, at) & ~LOCK);
    }

    private static int at(int bucket) {
        return (bucket & BUCKETS_OF_PAGE - 1) << CHAIN_BITS;
    }

    /** Of a locked bucket, which stays locked. */
    private static void setHead(long[] page, int at, int act) {
        WORDS.setOpaque(page, at, ((long) WORDS.getOpaque(page, at) & ~LOW) | (act & LOW));
    }

    private static int head(long[] page, int at) {
        return (int) (long) WORDS.getOpaque(page, at);
    }

    /** With {@code 2^n + s} buckets the first s of the old ones are split. */
    private static int bucketOf(long hash, int count) {
        int whole = Integer.highestOneBit(count);
        int bucket = (int) hash & 2 * whole - 1;
        return bucket < count ? bucket : bucket - whole;
    }

    private static long hash(long tree, long key) {
        long mixed = (key >>> CHAIN_BITS ^ tree * 0x9e37_79b9_7f4a_7c15L) * 0xbf58_476d_1ce4_e5b9L;
        return mixed ^ mixed >>> 32;
    }

    private boolean begin() {
        growth.lock();
        try {
            return bucketCount != 0 || addPage(BUCKETS_OF_PAGE);
        } finally {
            growth.unlock();
        }
    }

    private boolean addPage(int count) {
        int taken = pool.take();
        if (taken == PagePool.NONE) {
            return false;
        }
        long[] page = pool.page(taken);
        Arrays.fill(page, EMPTY_CHAIN);
        long[][] grown = Arrays.copyOf(buckets, buckets.length + 1);
        grown[buckets.length] = page;
        bucketPages = Arrays.copyOf(bucketPages, grown.length);
        bucketPages[buckets.length] = taken;
        buckets = grown;
        if (count != 0) {
            bucketCount = count;
        }
        return true;
    }

    /**
     * Adds a bucket when there is room for more acts than there are chains. Nothing is locked by the caller. Somebody else who
     * does it already is not waited for, and without a page for more buckets the chains become longer.
     */
    public void spread() {
        if (acts.capacity() <= bucketCount << CHAIN_BITS || !growth.tryLock()) {
            return;
        }
        try {
            int fresh = bucketCount;
            if (fresh >>> PAGE_SHIFT < buckets.length || addPage(0)) {
                split(fresh - Integer.highestOneBit(fresh), fresh);
            }
        } finally {
            growth.unlock();
        }
    }

    private void split(int old, int fresh) {
        lockBucket(old);
        lockBucket(fresh);
        long[] oldPage = buckets[old >>> PAGE_SHIFT];
        long[] freshPage = buckets[fresh >>> PAGE_SHIFT];
        for (int chain = 0; chain <= CHAIN_MASK; chain++) {
            int stays = NONE;
            int goes = NONE;
            int act = head(oldPage, at(old) | chain);
            while (act != NONE) {
                int next = next(act);
                boolean leaves = bucketOf(hash(tree(act), key(act)), fresh + 1) == fresh;
                setNext(act, leaves ? goes : stays);
                if (leaves) {
                    goes = act;
                } else {
                    stays = act;
                }
                act = next;
            }
            setHead(oldPage, at(old) | chain, stays);
            setHead(freshPage, at(fresh) | chain, goes);
        }
        bucketCount = fresh + 1;
        unlock(fresh);
        unlock(old);
    }

    // Acts

    /** What a vCPU has at hand. */
    Stock stock(int vcpu) {
        return acts.stock(vcpu);
    }

    /** For whoever is no vCPU. */
    Stock noStock() {
        return acts.noStock();
    }

    /**
     * The act of a leaf.
     *
     * @param bucket locked, of this leaf
     * @param tree {@link Tree#id}
     * @param key of the leaf
     * @return an act, or {@link #NONE}
     */
    public int find(int bucket, long tree, long key) {
        int act = head(buckets[bucket >>> PAGE_SHIFT], at(bucket) | ((int) key & CHAIN_MASK));
        while (act != NONE) {
            long[] page = acts.page(act);
            int at = Slab.at(act);
            if (page[at + 3] == key && page[at + 2] >>> TREE_SHIFT == tree) {
                return act;
            }
            act = (int) (page[at + 1] >>> 32);
        }
        return NONE;
    }

    /**
     * Makes an act LIVE: it can be found.
     *
     * @param bucket locked, of this leaf
     * @param act taken from a stock (NEW)
     * @param tree {@link Tree#id}
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot of its entry
     * @param pins its first use
     * @param record its first mapping, or {@link Records#NONE}
     */
    public void insert(int bucket, int act, long tree, long key, int order, long snapshot, long pins, int record) {
        long[] chains = buckets[bucket >>> PAGE_SHIFT];
        int chain = at(bucket) | ((int) key & CHAIN_MASK);
        long[] page = acts.page(act);
        int at = Slab.at(act);
        page[at] = pins;
        page[at + 1] = ((long) head(chains, chain) << 32) | (record & LOW);
        page[at + 2] = tree << TREE_SHIFT | order;
        page[at + 3] = key;
        page[at + 4] = snapshot;
        page[at + 5] = 0;
        setHead(chains, chain, act);
    }

    /**
     * Ends an act: it goes back to a stock.
     *
     * @param bucket locked, its own
     * @param act without uses
     */
    public void remove(int bucket, int act) {
        long[] chains = buckets[bucket >>> PAGE_SHIFT];
        long[] page = acts.page(act);
        int at = Slab.at(act);
        int chain = at(bucket) | ((int) page[at + 3] & CHAIN_MASK);
        int next = (int) (page[at + 1] >>> 32);
        int other = head(chains, chain);
        if (other == act) {
            setHead(chains, chain, next);
        } else {
            while (next(other) != act) {
                other = next(other);
            }
            setNext(other, next);
        }
        page[at + 2] = 0;
    }

    private int next(int act) {
        return (int) (acts.get(act, 1) >>> 32);
    }

    private void setNext(int act, int next) {
        acts.set(act, 1, (acts.get(act, 1) & LOW) | ((long) next << 32));
    }

    /**
     * The page of an act, for whoever wants several of its words.
     *
     * @param act of which there is one
     * @return always the same; its words begin at {@link Slab#at}
     */
    public long[] page(int act) {
        return acts.page(act);
    }

    /** {@link #tree} in a page. */
    public static long tree(long[] page, int at) {
        return page[at + 2] >>> TREE_SHIFT;
    }

    /** {@link #key} in a page. */
    public static long key(long[] page, int at) {
        return page[at + 3];
    }

    /** {@link #order} in a page. */
    public static int order(long[] page, int at) {
        return (int) page[at + 2] & ORDER_MASK;
    }

    /** {@link #snapshot} in a page. */
    public static long snapshot(long[] page, int at) {
        return page[at + 4];
    }

    /**
     * A use ends.
     *
     * @param page of the act, whose bucket is locked
     * @param at where it begins
     * @param use from {@link LeafPins#increment}
     * @return the pin word that is left
     */
    public static long unpin(long[] page, int at, long use) {
        long left = page[at] - use;
        page[at] = left;
        return left;
    }

    /** {@link #setFirstRecord} in a page. */
    static void setFirstRecord(long[] page, int at, int record) {
        page[at + 1] = (page[at + 1] & ~LOW) | (record & LOW);
    }

    /** The pin word; the bucket is locked. */
    public long pins(int act) {
        return acts.get(act, 0);
    }

    /** Changes the pin word; the bucket is locked. */
    public void setPins(int act, long word) {
        acts.set(act, 0, word);
    }

    /** The tree; of an act in use, or under the lock. */
    public long tree(int act) {
        return acts.get(act, 2) >>> TREE_SHIFT;
    }

    /** The key of the leaf; of an act in use, or under the lock. */
    public long key(int act) {
        return acts.get(act, 3);
    }

    /** The order of the leaf; of an act in use, or under the lock. */
    public int order(int act) {
        return (int) acts.get(act, 2) & ORDER_MASK;
    }

    /** The table's snapshot; the bucket is locked. */
    public long snapshot(int act) {
        return acts.get(act, 4);
    }

    /** Uses without a mapping; the bucket is locked. */
    public long inFlight(int act) {
        return acts.get(act, 5);
    }

    /** A use without a mapping begins or ends; the bucket is locked. */
    public void addInFlight(int act, int change) {
        acts.set(act, 5, acts.get(act, 5) + change);
    }

    /** The first mapping, or {@link Records#NONE}; the bucket is locked. */
    public int firstRecord(int act) {
        return (int) acts.get(act, 1);
    }

    /** Changes the first mapping; the bucket is locked. */
    public void setFirstRecord(int act, int record) {
        acts.set(act, 1, (acts.get(act, 1) & ~LOW) | (record & LOW));
    }

    // All of them

    /**
     * Acts below this number may exist; for whoever looks at all of them at rest.
     *
     * @return a bound
     */
    public int capacity() {
        return acts.capacity();
    }

    /** Pages of acts and buckets; at rest. */
    public int pages() {
        return acts.pages() + buckets.length;
    }

    /** Acts that were made and not ended, whether or not they can be found; at rest. */
    public int inUse() {
        return acts.inUse();
    }

    /** Whether an act exists; at rest. */
    public boolean exists(int act) {
        return acts.get(act, 2) >>> TREE_SHIFT != 0;
    }

    /** Gives all pages back: the grantee died, and without acts. */
    public void dispose() {
        for (int page : bucketPages) {
            pool.give(page);
        }
        bucketPages = new int[0];
        buckets = new long[0][];
        bucketCount = 0;
        acts.dispose();
    }
}
