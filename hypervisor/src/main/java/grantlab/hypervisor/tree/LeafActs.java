package grantlab.hypervisor.tree;

import grantlab.api.memory.Page;
import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.quota.Stock;

/**
 * The acts of one grantee (grant-v3.md, section 6): for each leaf that it uses of any tree a description of eight words in pages of
 * its pool,
 *
 * <pre>
 *   0  pin word ({@link LeafPins})
 *   1  next of the chain 32 | first mapping 32
 *   2  tree 48 ({@link Tree#id}) | together 1 | order 5
 *   3  key: index of the leaf's first page
 *   4  the table's snapshot of the entry
 *   5  uses without a mapping, of copies and of maps under way
 *   6  mappings that insist on writing 32 | first mapping that was taken back 32
 * </pre>
 *
 * found in {@link Buckets}. Words 0 to 6 are touched under the lock of its bucket; 2 to 4 stay what they are while it is in use.
 *
 * <p>Acts of eight leaves of one page beside one another, the first key a multiple of eight, that are used by one mapping each may be
 * <em>together</em>: the words of the first hold for all of them, with key and first mapping counted up, and the snapshots lie in what
 * would be the words of the second. Two cache lines are touched then in the place of eight. Whoever finds one of them parts them
 * first ({@link Buckets#find}); whoever has one by its number reads it here either way.
 */
public final class LeafActs {
    /** No act. */
    public static final int NONE = -1;

    private static final long LOW = 0xffff_ffffL;
    private static final long ONE_INSISTENT = 1L << 32;
    private static final int ORDER_MASK = 0x1f;
    private static final long TOGETHER = 1 << 5;

    /** Words of eight acts. */
    private static final int OCTET = Slab.OCTET * Slab.APART;

    /** Where the snapshots of acts that are together begin. */
    private static final int SNAPSHOTS = Slab.APART;

    private static final int TREE_SHIFT = 16;

    private final Slab slab;

    /**
     * No act.
     *
     * @param pool of the grantee
     * @param vcpus of the grantee
     */
    public LeafActs(PagePool pool, int vcpus) {
        this.slab = new Slab(pool, vcpus);
    }

    /** What a vCPU has at hand. */
    Stock stock(int vcpu) {
        return slab.stock(vcpu);
    }

    /** For whoever is no vCPU. */
    Stock noStock() {
        return slab.noStock();
    }

    // Its words

    static void fill(
            long[] page,
            int at,
            int next,
            long tree,
            long key,
            int order,
            long snapshot,
            long pins,
            int record,
            boolean insists) {
        page[at] = pins;
        page[at + 1] = ((long) next << 32) | (record & LOW);
        page[at + 2] = tree << TREE_SHIFT | order;
        page[at + 3] = key;
        page[at + 4] = snapshot;
        page[at + 5] = 0;
        page[at + 6] = insists ? ONE_INSISTENT | LOW : LOW;
    }

    static void end(long[] page, int at) {
        page[at + 2] = 0;
    }

    // Acts that are together

    static void fillTogether(
            long[] page,
            int at,
            int next,
            long tree,
            long key,
            long[] snapshots,
            long pins,
            int record,
            boolean insists) {
        page[at] = pins;
        page[at + 1] = ((long) next << 32) | (record & LOW);
        page[at + 3] = key;
        page[at + 4] = snapshots[0];
        page[at + 5] = 0;
        page[at + 6] = insists ? ONE_INSISTENT | LOW : LOW;
        System.arraycopy(snapshots, 0, page, at + SNAPSHOTS, Slab.OCTET);
        Slab.setRelease(page, at + 2, tree << TREE_SHIFT | TOGETHER);
    }

    /** None of them exists any more, the second neither, though it was no act by itself. */
    static void endTogether(long[] page, int at) {
        end(page, at);
        end(page, at + Slab.APART);
    }

    /**
     * One of them gets its own words: from the last to the first, since the snapshots lie in what becomes the second. The first comes to be
     * by itself with all the others: whoever reads without the lock sees either.
     */
    static void part(long[] page, int at, int i, int next) {
        if (i == 0) {
            page[at + 1] = ((long) next << 32) | (page[at + 1] & LOW);
            Slab.setRelease(page, at + 2, page[at + 2] & ~TOGETHER);
            return;
        }
        int record = (int) page[at + 1] + i;
        boolean insists = page[at + 6] != LOW;
        long snapshot = page[at + SNAPSHOTS + i];
        int own = at + i * Slab.APART;
        fill(page, own, next, tree(page, at), page[at + 3] + i, Page.ORDER_4K, snapshot, page[at], record, insists);
    }

    /** Whether the act that begins there, and the seven behind it, are together. */
    static boolean areTogether(long[] page, int at) {
        return (Slab.getAcquire(page, at + 2) & TOGETHER) != 0;
    }

    /** Whether an act is one of eight that are together; its bucket is locked. */
    public boolean isTogether(int act) {
        return areTogether(slab.page(act), first(act));
    }

    private static int first(int act) {
        return Slab.at(act) & -OCTET;
    }

    /**
     * Where the snapshots of acts that are together begin in their page.
     *
     * @param first a multiple of eight
     */
    public static int snapshots(int first) {
        return Slab.at(first) + SNAPSHOTS;
    }

    private static int inOctet(int act) {
        return act & Slab.OCTET - 1;
    }

    /** A word that eight acts share while they are together. */
    private long shared(int act, int word) {
        long[] page = slab.page(act);
        int first = first(act);
        return page[(areTogether(page, first) ? first : Slab.at(act)) + word];
    }

    int next(int act) {
        return (int) (slab.get(act, 1) >>> 32);
    }

    void setNext(int act, int next) {
        slab.set(act, 1, (slab.get(act, 1) & LOW) | ((long) next << 32));
    }

    /** The pin word; the bucket is locked. */
    public long pins(int act) {
        return shared(act, 0);
    }

    /** Changes the pin word; the bucket is locked. */
    public void setPins(int act, long word) {
        slab.set(act, 0, word);
    }

    /** The tree; of an act in use, or under the lock. */
    public long tree(int act) {
        return shared(act, 2) >>> TREE_SHIFT;
    }

    /** The key of the leaf; of an act in use, or under the lock. */
    public long key(int act) {
        long[] page = slab.page(act);
        int first = first(act);
        return areTogether(page, first) ? key(page, first) + inOctet(act) : key(page, Slab.at(act));
    }

    /** The order of the leaf; of an act in use, or under the lock. */
    public int order(int act) {
        return (int) shared(act, 2) & ORDER_MASK;
    }

    /** The table's snapshot; the bucket is locked. */
    public long snapshot(int act) {
        long[] page = slab.page(act);
        int first = first(act);
        return areTogether(page, first) ? page[first + SNAPSHOTS + inOctet(act)] : snapshot(page, Slab.at(act));
    }

    /** Uses without a mapping; the bucket is locked. */
    public long inFlight(int act) {
        return isTogether(act) ? 0 : slab.get(act, 5);
    }

    /** A use without a mapping begins or ends; the bucket is locked. */
    public void addInFlight(int act, int change) {
        slab.set(act, 5, slab.get(act, 5) + change);
    }

    /** The first mapping, or {@link Records#NONE}; the bucket is locked. */
    public int firstRecord(int act) {
        return isTogether(act) ? (int) shared(act, 1) + inOctet(act) : (int) slab.get(act, 1);
    }

    /** Whether there is any mapping, be it one that was taken back; the bucket is locked. */
    public boolean hasRecords(int act) {
        return firstRecord(act) != Records.NONE || firstTaken(act) != Records.NONE;
    }

    /** The first mapping that was taken back, or {@link Records#NONE}; the bucket is locked. */
    public int firstTaken(int act) {
        return (int) shared(act, 6);
    }

    /** How many mappings write whose grantee did not agree that they may become read-only; the bucket is locked. */
    public int insistent(int act) {
        return (int) (shared(act, 6) >>> 32);
    }

    /** Changes the first mapping; the bucket is locked. */
    public void setFirstRecord(int act, int record) {
        setFirstRecord(slab.page(act), Slab.at(act), record);
    }

    // The same, for whoever wants several words of one act

    /**
     * The page of an act.
     *
     * @param act of which there is one
     * @return always the same; its words begin at {@link Slab#at}
     */
    public long[] page(int act) {
        return slab.page(act);
    }

    /** {@link #pins} in a page. */
    public static long pins(long[] page, int at) {
        return page[at];
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

    /** {@link #tree} and {@link #order} in a page, in one look. */
    public static boolean isOf(long[] page, int at, long tree, int order) {
        return page[at + 2] == (tree << TREE_SHIFT | order);
    }

    /** {@link #snapshot} in a page. */
    public static long snapshot(long[] page, int at) {
        return page[at + 4];
    }

    static int next(long[] page, int at) {
        return (int) (page[at + 1] >>> 32);
    }

    static void setFirstRecord(long[] page, int at, int record) {
        page[at + 1] = (page[at + 1] & ~LOW) | (record & LOW);
    }

    /** {@link #firstTaken} in a page. */
    static int firstTaken(long[] page, int at) {
        return (int) page[at + 6];
    }

    /** Changes {@link #firstTaken}. */
    static void setFirstTaken(long[] page, int at, int record) {
        page[at + 6] = (page[at + 6] & ~LOW) | (record & LOW);
    }

    /** One more of {@link #insistent}, or one less. */
    public static void addInsistent(long[] page, int at, int change) {
        page[at + 6] += (long) change << 32;
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

    // All of them

    /**
     * Acts below this number may exist; for whoever looks at all of them at rest.
     *
     * @return a bound
     */
    public int capacity() {
        return slab.capacity();
    }

    /** Pages of acts; at rest. */
    public int pages() {
        return slab.pages();
    }

    /** Acts that were made and not ended, whether or not they can be found; at rest. */
    public int inUse() {
        return slab.inUse();
    }

    /** Whether an act exists; at rest. */
    public boolean exists(int act) {
        return tree(act) != 0;
    }

    /** Gives all pages back: the grantee died, and without acts. */
    public void dispose() {
        slab.dispose();
    }
}
