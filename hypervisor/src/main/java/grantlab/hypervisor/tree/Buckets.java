package grantlab.hypervisor.tree;

import grantlab.api.memory.Page;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the acts of one grantee are found by tree and key (grant-v3.md, section 6). A bucket is eight chains for eight neighbouring
 * keys, so that a run of leaves goes from one to the next in memory, and has one lock: a bit of the first chain's word. A lock of
 * a bucket is the lock of all acts in it.
 *
 * <p>Eight acts that are {@linkplain LeafActs together} are in the first of these chains alone, and its word counts them.
 *
 * <p>As there is room for more acts there are more buckets, one at a time (linear hashing), so that no call pays for all. They lie
 * in pages of the grantee's pool.
 */
public final class Buckets {
    /** No bucket. */
    public static final int NONE = -1;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long LOCK = 1L << 63;
    private static final long LOW = 0xffff_ffffL;
    private static final long EMPTY_CHAIN = LOW;

    /** In the word of a bucket's first chain, below the lock: how often acts that are together are in it. */
    private static final long ONE_TOGETHER = 1L << 32;

    private static final long TOGETHER = LOCK - ONE_TOGETHER;
    private static final int CHAIN_BITS = 3;
    private static final int CHAIN_MASK = (1 << CHAIN_BITS) - 1;

    /** Bits of an index that choose an entry in a node. */
    private static final int NODE_BITS = 9;

    /** Buckets of a whole node. */
    private static final int OF_NODE = 1 << (NODE_BITS - CHAIN_BITS);

    private static final int PAGE_SHIFT = 9 - CHAIN_BITS;
    private static final int OF_PAGE = 1 << PAGE_SHIFT;

    private final PagePool pool;
    private final LeafActs acts;
    private final ReentrantLock growth = new ReentrantLock();
    private volatile long[][] pages = {};

    private int[] taken = {};

    /** How many buckets there are; from a power of two on the split ones. */
    private volatile int count;

    /**
     * No bucket yet.
     *
     * @param pool of the grantee
     * @param acts to be found here
     */
    public Buckets(PagePool pool, LeafActs acts) {
        this.pool = pool;
        this.acts = acts;
    }

    // Locks

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
            int seen = count;
            if (seen == 0 && !begin()) {
                return NONE;
            }
            int bucket = bucketOf(hash, seen != 0 ? seen : count);
            lock(bucket);
            if (bucketOf(hash, count) == bucket) {
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
     * How many leaves from one on have the bucket that it has.
     *
     * @param key of the first
     * @return 1..8
     */
    public static int together(long key) {
        return CHAIN_MASK + 1 - ((int) key & CHAIN_MASK);
    }

    /**
     * Locks the bucket of a leaf for whoever only looks whether it has an act: that costs the grantee nothing.
     *
     * @param tree {@link Tree#id}
     * @param key of the leaf
     * @return the bucket; {@link #NONE} when there are no buckets, and none comes into being before {@link #unlockLook}
     */
    public int lockLook(long tree, long key) {
        return count == 0 && staysEmpty() ? NONE : lock(tree, key);
    }

    /** Whether there are no buckets; growth is locked then. */
    @SuppressWarnings("LockNotBeforeTry") // released by unlockLook
    private boolean staysEmpty() {
        growth.lock();
        if (count == 0) {
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

    private void lock(int bucket) {
        long[] page = page(bucket);
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
        long[] page = page(bucket);
        int at = at(bucket);
        WORDS.setRelease(page, at, (long) WORDS.getOpaque(page, at) & ~LOCK);
    }

    private long[] page(int bucket) {
        return pages[bucket >>> PAGE_SHIFT];
    }

    private static int at(int bucket) {
        return (bucket & OF_PAGE - 1) << CHAIN_BITS;
    }

    // Growth

    /** With {@code 2^n + s} buckets the first s of the old ones are split. */
    private static int bucketOf(long hash, int buckets) {
        int whole = Integer.highestOneBit(buckets);
        int bucket = (int) hash & 2 * whole - 1;
        return bucket < buckets ? bucket : bucket - whole;
    }

    /** Of the leaves of one node the buckets follow one another, so that a run of them meets itself nowhere. */
    private static long hash(long tree, long key) {
        long mixed = (key >>> NODE_BITS ^ tree * 0x9e37_79b9_7f4a_7c15L) * 0xbf58_476d_1ce4_e5b9L;
        return (mixed ^ mixed >>> 32) + (key >>> CHAIN_BITS & OF_NODE - 1);
    }

    private boolean begin() {
        growth.lock();
        try {
            if (count == 0 && addPage()) {
                count = OF_PAGE;
            }
            return count != 0;
        } finally {
            growth.unlock();
        }
    }

    private boolean addPage() {
        int number = pool.take();
        if (number == PagePool.NONE) {
            return false;
        }
        long[] page = pool.page(number);
        Arrays.fill(page, EMPTY_CHAIN);
        long[][] grown = Arrays.copyOf(pages, pages.length + 1);
        grown[pages.length] = page;
        taken = Arrays.copyOf(taken, grown.length);
        taken[pages.length] = number;
        pages = grown;
        return true;
    }

    /**
     * Adds a bucket when there is room for more acts than there are chains. Nothing is locked by the caller. Somebody else who
     * does it already is not waited for, and without a page for more buckets the chains become longer.
     */
    public void spread() {
        if (acts.capacity() <= count << CHAIN_BITS || !growth.tryLock()) {
            return;
        }
        try {
            int fresh = count;
            if (fresh >>> PAGE_SHIFT < pages.length || addPage()) {
                split(fresh - Integer.highestOneBit(fresh), fresh);
            }
        } finally {
            growth.unlock();
        }
    }

    private void split(int old, int fresh) {
        lock(old);
        lock(fresh);
        long moved = 0;
        for (int chain = 0; chain <= CHAIN_MASK; chain++) {
            int stays = LeafActs.NONE;
            int goes = LeafActs.NONE;
            int act = head(page(old), at(old) | chain);
            while (act != LeafActs.NONE) {
                int next = acts.next(act);
                boolean leaves = bucketOf(hash(acts.tree(act), acts.key(act)), fresh + 1) == fresh;
                acts.setNext(act, leaves ? goes : stays);
                if (leaves) {
                    goes = act;
                    moved += chain == 0 && acts.isTogether(act) ? ONE_TOGETHER : 0;
                } else {
                    stays = act;
                }
                act = next;
            }
            setHead(page(old), at(old) | chain, stays);
            setHead(page(fresh), at(fresh) | chain, goes);
        }
        addTogether(page(old), at(old), -moved);
        addTogether(page(fresh), at(fresh), moved);
        count = fresh + 1;
        unlock(fresh);
        unlock(old);
    }

    // Chains

    /** Of a locked bucket, which stays locked. */
    private static void setHead(long[] page, int at, int act) {
        WORDS.setOpaque(page, at, ((long) WORDS.getOpaque(page, at) & ~LOW) | (act & LOW));
    }

    private static void addTogether(long[] page, int at, long change) {
        WORDS.setOpaque(page, at, (long) WORDS.getOpaque(page, at) + change);
    }

    private static int head(long[] page, int at) {
        return (int) (long) WORDS.getOpaque(page, at);
    }

    private static int chain(int bucket, long key) {
        return at(bucket) | ((int) key & CHAIN_MASK);
    }

    /**
     * The act of a leaf.
     *
     * @param bucket locked, of this leaf
     * @param tree {@link Tree#id}
     * @param key of the leaf
     * @return an act, or {@link LeafActs#NONE}
     */
    public int find(int bucket, long tree, long key) {
        long[] page = page(bucket);
        int together = findTogether(page, at(bucket), tree, key);
        if (together != LeafActs.NONE) {
            part(page, bucket, together);
            return together + ((int) key & CHAIN_MASK);
        }
        return findFrom(head(page, chain(bucket, key)), tree, key);
    }

    /** The first of the acts that are together, of which one is that of a leaf. */
    private int findTogether(long[] page, int at, long tree, long key) {
        if (((long) WORDS.getOpaque(page, at) & TOGETHER) == 0) {
            return LeafActs.NONE;
        }
        int act = findFrom(head(page, at), tree, key & ~CHAIN_MASK);
        return act != LeafActs.NONE && acts.isTogether(act) ? act : LeafActs.NONE;
    }

    /**
     * Acts that are together are each by itself from now on.
     *
     * @param bucket locked, theirs
     * @param act one of them
     */
    public void part(int bucket, int act) {
        part(page(bucket), bucket, act & ~CHAIN_MASK);
    }

    private void part(long[] page, int bucket, int first) {
        int at = at(bucket);
        unlink(page, at, first, acts.next(first));
        addTogether(page, at, -ONE_TOGETHER);
        for (int i = CHAIN_MASK; i >= 0; i--) {
            LeafActs.part(acts.page(first), Slab.at(first), i, head(page, at | i));
            setHead(page, at | i, first + i);
        }
    }

    /** From an act of a chain on. */
    private int findFrom(int first, long tree, long key) {
        int act = first;
        while (act != LeafActs.NONE) {
            long[] page = acts.page(act);
            int at = Slab.at(act);
            if (LeafActs.key(page, at) == key && LeafActs.tree(page, at) == tree) {
                return act;
            }
            act = LeafActs.next(page, at);
        }
        return LeafActs.NONE;
    }

    /**
     * How many leaves of one page beside one another have no act, from the first on.
     *
     * @param bucket locked, of all of them
     * @param tree {@link Tree#id}
     * @param first key of the first
     * @param count how many are asked for
     */
    public int unused(int bucket, long tree, long first, int count) {
        long[] page = page(bucket);
        if (findTogether(page, at(bucket), tree, first) != LeafActs.NONE) {
            return 0;
        }
        int chain = chain(bucket, first);
        int unused = 0;
        while (unused < count && findFrom(head(page, chain + unused), tree, first + unused) == LeafActs.NONE) {
            unused++;
        }
        return unused;
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
     * @param insists whether that is one of {@link LeafActs#insistent}
     */
    public void insert(
            int bucket,
            int act,
            long tree,
            long key,
            int order,
            long snapshot,
            long pins,
            int record,
            boolean insists) {
        long[] page = page(bucket);
        int chain = chain(bucket, key);
        int next = head(page, chain);
        LeafActs.fill(acts.page(act), Slab.at(act), next, tree, key, order, snapshot, pins, record, insists);
        setHead(page, chain, act);
    }

    /**
     * {@link #insert} for leaves of one page beside one another, each with its first mapping.
     *
     * @param bucket locked, of all of them
     * @param fresh acts taken from a stock
     * @param tree {@link Tree#id}
     * @param first key of the first
     * @param snapshots of their entries
     * @param pins their first use
     * @param records their first mappings
     * @param insist whether each of these is one of {@link LeafActs#insistent}
     * @param count of them
     */
    public void insert(
            int bucket,
            int[] fresh,
            long tree,
            long first,
            long[] snapshots,
            long pins,
            int[] records,
            boolean insist,
            int count) {
        long[] page = page(bucket);
        long[] own = acts.page(fresh[0]);
        for (int i = 0; i < count; i++) {
            if (i != 0 && !Slab.share(fresh[i], fresh[i - 1])) {
                own = acts.page(fresh[i]);
            }
            int chain = chain(bucket, first + i);
            int next = head(page, chain);
            int at = Slab.at(fresh[i]);
            LeafActs.fill(own, at, next, tree, first + i, Page.ORDER_4K, snapshots[i], pins, records[i], insist);
            setHead(page, chain, fresh[i]);
        }
    }

    /**
     * {@link #insert} for eight leaves of one page, the first key a multiple of eight, whose acts are together.
     *
     * @param bucket locked, of all of them
     * @param fresh the first of eight acts taken from a stock
     * @param tree {@link Tree#id}
     * @param first key of the first
     * @param snapshots of their entries
     * @param pins their first use
     * @param record the first of eight beside one another, their first mappings
     * @param insist whether each of these is one of {@link LeafActs#insistent}
     */
    public void insertTogether(
            int bucket, int fresh, long tree, long first, long[] snapshots, long pins, int record, boolean insist) {
        long[] page = page(bucket);
        int at = at(bucket);
        LeafActs.fillTogether(
                acts.page(fresh), Slab.at(fresh), head(page, at), tree, first, snapshots, pins, record, insist);
        setHead(page, at, fresh);
        addTogether(page, at, ONE_TOGETHER);
    }

    /**
     * {@link #remove} of eight that are together.
     *
     * @param bucket locked, that of all of them
     * @param first a multiple of eight
     */
    public void removeTogether(int bucket, int first) {
        long[] page = page(bucket);
        unlink(page, at(bucket), first, acts.next(first));
        addTogether(page, at(bucket), -ONE_TOGETHER);
        LeafActs.endTogether(acts.page(first), Slab.at(first));
    }

    /**
     * Ends an act: it goes back to a stock.
     *
     * @param bucket locked, its own
     * @param act without uses
     * @param own page of the act
     */
    public void remove(int bucket, int act, long[] own) {
        remove(page(bucket), bucket, act, own);
    }

    /**
     * {@link #remove} of some acts.
     *
     * @param bucket locked, that of all of them
     * @param over acts without uses
     * @param count of them
     */
    public void remove(int bucket, int[] over, int count) {
        long[] page = page(bucket);
        long[] own = acts.page(over[0]);
        for (int i = 0; i < count; i++) {
            if (i != 0 && !Slab.share(over[i], over[i - 1])) {
                own = acts.page(over[i]);
            }
            remove(page, bucket, over[i], own);
        }
    }

    private void remove(long[] page, int bucket, int act, long[] own) {
        int at = Slab.at(act);
        unlink(page, chain(bucket, LeafActs.key(own, at)), act, LeafActs.next(own, at));
        LeafActs.end(own, at);
    }

    /** Out of its chain. */
    private void unlink(long[] page, int chain, int act, int next) {
        int other = head(page, chain);
        if (other == act) {
            setHead(page, chain, next);
        } else {
            while (acts.next(other) != act) {
                other = acts.next(other);
            }
            acts.setNext(other, next);
        }
    }

    // All of them

    /** Octets of acts that are together, as the words of the buckets count them; at rest. */
    public int octets() {
        long octets = 0;
        for (int bucket = 0; bucket < count; bucket++) {
            octets += ((long) WORDS.getOpaque(page(bucket), at(bucket)) & TOGETHER) / ONE_TOGETHER;
        }
        return (int) octets;
    }

    /** Pages of buckets; at rest. */
    public int pages() {
        return pages.length;
    }

    /** Gives all pages back: the grantee died, and without acts. */
    public void dispose() {
        for (int page : taken) {
            pool.give(page);
        }
        taken = new int[0];
        pages = new long[0][];
        count = 0;
    }
}
