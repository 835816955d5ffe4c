package grantlab.hypervisor.tree;

import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The acts of one grantee (grant-v3.md, section 6): for each leaf that it uses of any tree a record of eight words,
 *
 * <pre>
 *   0  pin word ({@link LeafPins})
 *   1  next of the bucket 32 | first mapping 32
 *   2  tree 48 ({@link Tree#id}) | order 5
 *   3  key: index of the leaf's first page
 *   4  the table's snapshot of the entry
 *   5  uses without a mapping, of copies and of maps under way
 * </pre>
 *
 * found by tree and key in buckets. A bucket's lock is a bit of its word and the lock of all acts in it: words 0 to 5 are
 * touched under it. As acts become many the buckets do too, one at a time (linear hashing), so that no call pays for all. All
 * of it lies in pages of the grantee's pool.
 */
public final class LeafActs {
    /** No act. */
    public static final int NONE = -1;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long LOCK = 1L << 63;
    private static final long LOW = 0xffff_ffffL;
    private static final int PAGE_SHIFT = 9;
    private static final int PAGE_MASK = PagePool.WORDS - 1;
    private static final long EMPTY_BUCKET = LOW;
    private static final int ORDER_MASK = 0x1f;
    private static final int TREE_SHIFT = 16;

    private final PagePool pool;
    private final Slab acts;
    private final ReentrantLock growth = new ReentrantLock();
    private volatile long[][] buckets = {};

    private int[] bucketPages = {};

    /** How many buckets there are; one less than a power of two, with the split ones beyond it. */
    private volatile int bucketCount;

    private volatile int actCount;
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(LeafActs.class, "actCount", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * No act, no bucket.
     *
     * @param pool of the grantee
     */
    public LeafActs(PagePool pool) {
        this.pool = pool;
        this.acts = new Slab(pool);
    }

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
            int bucket = bucketOf(hash, bucketCount);
            lockBucket(bucket);
            if (bucketOf(hash, bucketCount) == bucket) {
                return bucket;
            }
            unlock(bucket);
        }
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

    /**
     * Locks the bucket of an act that has uses, which keep it what it is.
     *
     * @param act in use
     * @return its bucket
     */
    public int lockOf(int act) {
        return lock(acts.get(act, 2) >>> TREE_SHIFT, acts.get(act, 3));
    }

    private void lockBucket(int bucket) {
        long[] page = buckets[bucket >>> PAGE_SHIFT];
        int at = bucket & PAGE_MASK;
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
        int at = bucket & PAGE_MASK;
        WORDS.setRelease(page, at, (long) WORDS.getOpaque(page, at) & ~LOCK);
    }

    private int head(int bucket) {
        return (int) (long) WORDS.getOpaque(buckets[bucket >>> PAGE_SHIFT], bucket & PAGE_MASK);
    }

    /** Of a locked bucket, which stays locked. */
    private void setHead(int bucket, int act) {
        WORDS.setOpaque(buckets[bucket >>> PAGE_SHIFT], bucket & PAGE_MASK, LOCK | (act & LOW));
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
        for (int act = head(bucket); act != NONE; act = next(act)) {
            if (acts.get(act, 3) == key && acts.get(act, 2) >>> TREE_SHIFT == tree) {
                return act;
            }
        }
        return NONE;
    }

    /**
     * Makes an act, LIVE and without uses.
     *
     * @param bucket locked, of this leaf
     * @param tree {@link Tree#id}
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot of its entry
     * @return the act, or {@link #NONE} when the pool is used up
     */
    public int insert(int bucket, long tree, long key, int order, long snapshot) {
        int act = acts.take();
        if (act == Slab.NONE) {
            return NONE;
        }
        acts.set(act, 0, LeafPins.fresh());
        acts.set(act, 1, ((long) head(bucket) << 32) | (Records.NONE & LOW));
        acts.set(act, 2, tree << TREE_SHIFT | order);
        acts.set(act, 3, key);
        acts.set(act, 4, snapshot);
        acts.set(act, 5, 0);
        setHead(bucket, act);
        COUNT.getAndAdd(this, 1);
        return act;
    }

    /**
     * Ends an act.
     *
     * @param bucket locked, its own
     * @param act without uses
     */
    public void remove(int bucket, int act) {
        int previous = NONE;
        for (int other = head(bucket); other != act; other = next(other)) {
            previous = other;
        }
        if (previous == NONE) {
            setHead(bucket, next(act));
        } else {
            acts.set(previous, 1, (acts.get(previous, 1) & LOW) | ((long) next(act) << 32));
        }
        acts.set(act, 2, 0);
        acts.give(act);
        COUNT.getAndAdd(this, -1);
    }

    private int next(int act) {
        return (int) (acts.get(act, 1) >>> 32);
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

    /**
     * How many acts there are.
     *
     * @return a number that was true at one moment
     */
    public int count() {
        return actCount;
    }

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

    private boolean begin() {
        growth.lock();
        try {
            return bucketCount != 0 || addPage(PagePool.WORDS);
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
        Arrays.fill(page, EMPTY_BUCKET);
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
     * Adds a bucket when acts are many. Nothing is locked by the caller. Somebody else who does it already is not waited for,
     * and without a page for more buckets the chains become longer.
     */
    public void spread() {
        if (actCount <= bucketCount || !growth.tryLock()) {
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
        int act = head(old);
        int stays = NONE;
        int goes = NONE;
        while (act != NONE) {
            int next = next(act);
            boolean leaves = bucketOf(hash(tree(act), key(act)), fresh + 1) == fresh;
            acts.set(act, 1, (acts.get(act, 1) & LOW) | ((long) (leaves ? goes : stays) << 32));
            if (leaves) {
                goes = act;
            } else {
                stays = act;
            }
            act = next;
        }
        setHead(old, stays);
        setHead(fresh, goes);
        bucketCount = fresh + 1;
        unlock(fresh);
        unlock(old);
    }

    /** With {@code 2^n + s} buckets the first s of the old ones are split. */
    private static int bucketOf(long hash, int count) {
        int whole = Integer.highestOneBit(count);
        int bucket = (int) hash & 2 * whole - 1;
        return bucket < count ? bucket : bucket - whole;
    }

    private static long hash(long tree, long key) {
        long mixed = (key ^ tree * 0x9e37_79b9_7f4a_7c15L) * 0xbf58_476d_1ce4_e5b9L;
        return mixed ^ mixed >>> 32;
    }
}
