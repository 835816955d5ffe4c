package grantlab.hypervisor.tree;

import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.quota.Stock;

/**
 * What one grantee has mapped, one record of eight words for each place (grant-v3.md, section 6):
 *
 * <pre>
 *   1  generation 32 | order 8 | access 8 | alone 1 | empty 1 | estranged 1 | flat 1 | state 3
 *   2  place
 *   3  machine frame
 *   4  granter 16 | act 32: of the leaf ({@link LeafActs}), or the reference of a flat table
 *   5  next 32 | previous 32                of the same act; under the lock of its bucket
 *   6  unit 32: which page of its mapset | next 32 of the same mapset
 *   7  its mapset 32 | position 32 in the index of it
 * </pre>
 *
 * A record belongs to the call that makes it until it is linked, then to its mapset and act, and again to one call once that
 * has {@link #claim claimed} it.
 *
 * <p>The one mapping of an element that can make no more is a mapset by itself: <em>alone</em>. Its handle names the record, and
 * the record's generation, which goes on when the mapping ends.
 */
public final class Records {
    /** No record. */
    public static final int NONE = -1;

    /** {@link #claimAlone}: there was one. */
    public static final int STALE = -2;

    /** {@link #claimAlone}: it has another size. */
    public static final int CUT = -3;

    /** {@link #claimAlone}: it is just being taken back. */
    public static final int CLAIMED_ALREADY = -4;

    /** {@link #set}: of a record alone. */
    public static final int ALONE_SET = -2;

    private static final int LIVE = 1;
    private static final int CLAIMED = 2;
    private static final int TAKEN = 3;

    /** Nobody was told of it yet. */
    private static final int MADE = 4;

    private static final int STATE_MASK = 7;
    private static final long FLAT = 1 << 3;
    private static final long ESTRANGED = 1 << 4;
    private static final long EMPTY = 1 << 5;
    private static final long ALONE = 1 << 6;
    private static final int ACCESS_SHIFT = 8;
    private static final int ORDER_SHIFT = 16;
    private static final int BYTE = 0xff;
    private static final long LOW = 0xffff_ffffL;
    private static final long ONE_GENERATION = 1L << 32;

    /** In a handle: its slot is a record's number. */
    private static final long OF_RECORD = 1L << 31;

    private final Slab slab;

    /**
     * None.
     *
     * @param pool of the grantee
     * @param vcpus of the grantee
     */
    public Records(PagePool pool, int vcpus) {
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

    /**
     * Fills a record, which is to be one of a mapset.
     *
     * @param record taken from a stock
     * @param access as it is mapped, with HOST and DEVICE
     * @param order as it is mapped
     * @param place where it stands
     * @param frame first machine frame
     * @param granter a domid
     * @param act of the leaf
     * @param flat whether the act is a reference of the flat table
     */
    public void fill(int record, int access, int order, long place, long frame, int granter, int act, boolean flat) {
        fill(record, state(LIVE, access, order, flat), place, frame, granter, act);
    }

    /**
     * Fills a record that is alone; nobody can find it before {@link #publish}.
     *
     * @param record taken from a stock
     * @param access as it is mapped, with HOST and DEVICE
     * @param order as it is mapped
     * @param place where it stands
     * @param frame first machine frame
     * @param granter a domid
     * @param act of the leaf
     * @param flat whether the act is a reference of the flat table
     */
    public void fillAlone(
            int record, int access, int order, long place, long frame, int granter, int act, boolean flat) {
        fill(record, state(MADE, access, order, flat) | ALONE, place, frame, granter, act);
    }

    private static long state(int state, int access, int order, boolean flat) {
        return state | (flat ? FLAT : 0) | (long) access << ACCESS_SHIFT | (long) order << ORDER_SHIFT;
    }

    /** Until it is linked it is the only one of its act. */
    private void fill(int record, long word, long place, long frame, int granter, int act) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        page[at + 2] = place;
        page[at + 3] = frame;
        page[at + 4] = ((long) granter << 32) | (act & LOW);
        page[at + 5] = -1;
        page[at + 7] = (long) ((word & ALONE) != 0 ? ALONE_SET : NONE) << 32;
        Slab.setRelease(page, at + 1, (page[at + 1] & ~LOW) | word);
    }

    /**
     * A record alone may be found from now on.
     *
     * @param record filled
     * @return its handle
     */
    public long publish(int record) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        long word = (page[at + 1] & ~STATE_MASK) | LIVE;
        if (word >>> 32 == 0) {
            // Never zero, so that no handle is.
            word += ONE_GENERATION;
        }
        Slab.setRelease(page, at + 1, word);
        return (word & ~LOW) | OF_RECORD | record;
    }

    /**
     * The handle of a record alone, for whoever looks at all of them.
     *
     * @param record with any state
     * @return what names it, if it is a mapping alone at this moment
     */
    public long handle(int record) {
        return (slab.getAcquire(record, 1) & ~LOW) | OF_RECORD | record;
    }

    /**
     * Whether a handle is of a record alone.
     *
     * @param handle any number
     * @return false: of a mapset, if of anything
     */
    public static boolean isAlone(long handle) {
        return (handle & OF_RECORD) != 0;
    }

    /**
     * Claims a record alone, or acknowledges one that was taken: its handle is stale then.
     *
     * @param handle any number of which {@link #isAlone} holds
     * @param pages that its mapping must have
     * @return its number; {@link #NONE}: none ever had the handle; {@link #STALE}: one had; {@link #CUT} or
     *     {@link #CLAIMED_ALREADY}
     */
    public int claimAlone(long handle, long pages) {
        int record = (int) (handle & OF_RECORD - 1);
        if (record >= capacity()) {
            return NONE;
        }
        long[] page = slab.page(record);
        int at = Slab.at(record) + 1;
        long word = Slab.getAcquire(page, at);
        while (word >>> 32 == handle >>> 32 && (word & ALONE) != 0) {
            if (1L << orderOf(word) != pages) {
                return CUT;
            }
            switch ((int) word & STATE_MASK) {
                case LIVE, TAKEN -> {
                    if (Slab.compareAndSet(page, at, word, claimed(word) + ONE_GENERATION)) {
                        return record;
                    }
                }
                case CLAIMED -> {
                    return CLAIMED_ALREADY;
                }
                default -> {
                    return NONE;
                }
            }
            word = Slab.getAcquire(page, at);
        }
        return handle >>> 32 != 0 && Long.compareUnsigned(handle >>> 32, word >>> 32) < 0 ? STALE : NONE;
    }

    /**
     * Whoever claims a record undoes its mapping; one wins.
     *
     * @param record of a mapping
     * @return false: somebody else does
     */
    public boolean claim(int record) {
        return claim(record, LIVE);
    }

    /**
     * Whoever acknowledges a record that was taken ends it; one wins.
     *
     * @param record of an act or a mapset
     * @return whether it is the caller
     */
    public boolean acknowledge(int record) {
        return claim(record, TAKEN);
    }

    private boolean claim(int record, int state) {
        long[] page = slab.page(record);
        int at = Slab.at(record) + 1;
        long seen = Slab.getAcquire(page, at);
        return (seen & STATE_MASK) == state && Slab.compareAndSet(page, at, seen, claimed(seen));
    }

    private static long claimed(long word) {
        return (word & ~STATE_MASK) | CLAIMED;
    }

    /**
     * A revocation took what a record stood for: its place and its references are the grantee's no more. The record stays until the
     * grantee acknowledges it.
     *
     * @param record claimed
     */
    public void taken(int record) {
        long seen = slab.getAcquire(record, 1);
        slab.setRelease(record, 1, (seen & ~STATE_MASK) | EMPTY | TAKEN);
    }

    /** Whether a revocation took what the record stood for: it holds nothing. */
    public boolean empty(int record) {
        return isEmpty(slab.getAcquire(record, 1));
    }

    /** {@link #empty} of a {@link #state}. */
    public static boolean isEmpty(long state) {
        return (state & EMPTY) != 0;
    }

    /**
     * A record ends: it goes back to a stock.
     *
     * @param record that is linked nowhere
     */
    public void end(int record) {
        long[] page = slab.page(record);
        page[Slab.at(record) + 1] &= ~LOW;
    }

    /** Whether a number is that of a mapping; at rest. */
    public boolean exists(int record) {
        return (slab.getAcquire(record, 1) & STATE_MASK) != 0;
    }

    /** Gives all pages back: the grantee died, and without mappings. */
    public void dispose() {
        slab.dispose();
    }

    /**
     * Records below this number may exist; for whoever looks at all of them.
     *
     * @return a bound
     */
    public int capacity() {
        return slab.capacity();
    }

    /** Pages of records; at rest. */
    public int pages() {
        return slab.pages();
    }

    /** Records that were taken and not given back, of a mapping or not; at rest. */
    public int inUse() {
        return slab.inUse();
    }

    /** Word 1, for {@link #accessOf} and the like. */
    public long state(int record) {
        return slab.get(record, 1);
    }

    /** Granter 32 | act 32. */
    public long use(int record) {
        return slab.get(record, 4);
    }

    /** As it is mapped: READ or READ | WRITE, with HOST, DEVICE or both. */
    public static int accessOf(long state) {
        return (int) (state >>> ACCESS_SHIFT) & BYTE;
    }

    /** As it is mapped: 0, 9 or 18. */
    public static int orderOf(long state) {
        return (int) (state >>> ORDER_SHIFT) & BYTE;
    }

    /** Whether its act is a reference of the flat table. */
    public static boolean isFlat(long state) {
        return (state & FLAT) != 0;
    }

    /** As it is mapped: READ or READ | WRITE, with HOST, DEVICE or both. */
    public int access(int record) {
        return accessOf(state(record));
    }

    /** As it is mapped: 0, 9 or 18. */
    public int order(int record) {
        return orderOf(state(record));
    }

    /** Whether its act is a reference of the flat table. */
    public boolean flat(int record) {
        return isFlat(state(record));
    }

    /** Whether its granter is gone for good, so that it stands for nothing. */
    public boolean estranged(int record) {
        return isEstranged(state(record));
    }

    /** Whether the granter of a record is gone for good. */
    public static boolean isEstranged(long state) {
        return (state & ESTRANGED) != 0;
    }

    /**
     * A granter is gone for good. What is left of the mappings of its flat table stands nowhere and holds nothing, and is not taken for
     * one of a later domain with the same number. (A tree lasts as long as its leaves are in use.)
     *
     * @param granter its domid
     */
    public void estrange(int granter) {
        for (int record = 0; record < capacity(); record++) {
            long seen = slab.getAcquire(record, 1);
            while ((seen & STATE_MASK) != 0
                    && (seen & (FLAT | ESTRANGED)) == FLAT
                    && granter(record) == granter
                    && !slab.compareAndSet(record, 1, seen, seen | ESTRANGED)) {
                seen = slab.getAcquire(record, 1);
            }
        }
    }

    /** Where it stands. */
    public long place(int record) {
        return slab.get(record, 2);
    }

    /** Its first machine frame. */
    public long frame(int record) {
        return slab.get(record, 3);
    }

    /** Whose memory it is. */
    public int granter(int record) {
        return (int) (slab.get(record, 4) >>> 32);
    }

    /** Its act, or its reference of a flat table. */
    public int act(int record) {
        return (int) slab.get(record, 4);
    }

    /** Which page of its mapset it begins with. */
    public int unit(int record) {
        return (int) (slab.get(record, 6) >>> 32);
    }

    int nextOfSet(int record) {
        return (int) slab.get(record, 6);
    }

    /** Joins a mapset; that is locked. */
    void join(int record, int set, int unit, int position) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        page[at + 6] = ((long) unit << 32) | (NONE & LOW);
        page[at + 7] = (long) set << 32 | position;
    }

    /** Leaves its mapset; that is locked. */
    void leave(int record) {
        slab.set(record, 7, (long) NONE << 32);
    }

    /** Its mapset, {@link #ALONE_SET}, or {@link #NONE}; certain while that is locked. */
    public int set(int record) {
        return (int) (slab.get(record, 7) >>> 32);
    }

    void setNextOfSet(int record, int next) {
        slab.set(record, 6, (slab.get(record, 6) & ~LOW) | (next & LOW));
    }

    int position(int record) {
        return (int) slab.get(record, 7);
    }

    /** The next mapping of the same act, or {@link #NONE}; the act's bucket is locked. */
    public int nextOfAct(int record) {
        return (int) (slab.get(record, 5) >>> 32);
    }

    /** Puts a record at the head of its act's list; the bucket is locked. */
    public void link(LeafActs acts, int act, int record) {
        int head = acts.firstRecord(act);
        if (head != NONE) {
            slab.set(record, 5, ((long) head << 32) | (NONE & LOW));
            slab.set(head, 5, (slab.get(head, 5) & ~LOW) | (record & LOW));
        }
        acts.setFirstRecord(act, record);
    }

    /**
     * Takes a record out of its act's list; the bucket is locked.
     *
     * @param record of the list
     * @param page of the act
     * @param at where the act begins
     */
    public void unlink(int record, long[] page, int at) {
        long around = slab.get(record, 5);
        int next = (int) (around >>> 32);
        int previous = (int) around;
        if (next != NONE) {
            slab.set(next, 5, (slab.get(next, 5) & ~LOW) | (previous & LOW));
        }
        if (previous == NONE) {
            LeafActs.setFirstRecord(page, at, next);
        } else {
            slab.set(previous, 5, (slab.get(previous, 5) & LOW) | ((long) next << 32));
        }
    }
}
