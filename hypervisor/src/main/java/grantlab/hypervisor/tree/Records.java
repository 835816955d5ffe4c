package grantlab.hypervisor.tree;

import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;

/**
 * What one grantee has mapped, one record of eight words for each place (grant-v3.md, section 6):
 *
 * <pre>
 *   1  state 2 | flat 1 | estranged 1 | empty 1 | access 8 | order 8
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
 */
public final class Records {
    /** No record. */
    public static final int NONE = -1;

    private static final int LIVE = 1;
    private static final int CLAIMED = 2;
    private static final int TAKEN = 3;
    private static final int STATE_MASK = 3;
    private static final long FLAT = 1 << 2;
    private static final long ESTRANGED = 1 << 3;
    private static final long EMPTY = 1 << 4;
    private static final int ACCESS_SHIFT = 8;
    private static final int ORDER_SHIFT = 16;
    private static final int BYTE = 0xff;
    private static final long LOW = 0xffff_ffffL;

    private final Slab slab;

    /**
     * None.
     *
     * @param pool of the grantee
     */
    public Records(PagePool pool) {
        this.slab = new Slab(pool);
    }

    /**
     * Makes a record that nobody else knows.
     *
     * @return its number, or {@link #NONE} when the pool is used up
     */
    public int take() {
        return slab.take();
    }

    /**
     * Fills a record.
     *
     * @param record from {@link #take}
     * @param access as it is mapped, with HOST and DEVICE
     * @param order as it is mapped
     * @param place where it stands
     * @param frame first machine frame
     * @param granter a domid
     * @param act of the leaf
     * @param flat whether the act is a reference of the flat table
     */
    public void fill(int record, int access, int order, long place, long frame, int granter, int act, boolean flat) {
        slab.set(record, 2, place);
        slab.set(record, 3, frame);
        slab.set(record, 4, ((long) granter << 32) | (act & LOW));
        slab.set(record, 7, (long) NONE << 32);
        slab.setRelease(
                record, 1, LIVE | (flat ? FLAT : 0) | (long) access << ACCESS_SHIFT | (long) order << ORDER_SHIFT);
    }

    /**
     * Whoever claims a record undoes its mapping; one wins.
     *
     * @param record of a mapping
     * @return false: somebody else does
     */
    public boolean claim(int record) {
        long seen = slab.getAcquire(record, 1);
        return (seen & STATE_MASK) == LIVE && slab.compareAndSet(record, 1, seen, (seen & ~STATE_MASK) | CLAIMED);
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

    /**
     * Whoever acknowledges a record that was taken ends it; one wins.
     *
     * @param record of an act or a mapset
     * @return whether it is the caller
     */
    public boolean acknowledge(int record) {
        long seen = slab.getAcquire(record, 1);
        return (seen & STATE_MASK) == TAKEN
                && slab.compareAndSet(record, 1, seen, (seen & ~(long) STATE_MASK) | CLAIMED);
    }

    /** Whether a revocation took what the record stood for: it holds nothing. */
    public boolean empty(int record) {
        return (slab.getAcquire(record, 1) & EMPTY) != 0;
    }

    /**
     * Gives a record back.
     *
     * @param record that is linked nowhere
     */
    public void give(int record) {
        slab.set(record, 1, 0);
        slab.give(record);
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

    /** As it is mapped: READ or READ | WRITE, with HOST, DEVICE or both. */
    public int access(int record) {
        return (int) (slab.get(record, 1) >>> ACCESS_SHIFT) & BYTE;
    }

    /** As it is mapped: 0, 9 or 18. */
    public int order(int record) {
        return (int) (slab.get(record, 1) >>> ORDER_SHIFT) & BYTE;
    }

    /** Whether its act is a reference of the flat table. */
    public boolean flat(int record) {
        return (slab.get(record, 1) & FLAT) != 0;
    }

    /** Whether its granter is gone for good, so that it stands for nothing. */
    public boolean estranged(int record) {
        return (slab.get(record, 1) & ESTRANGED) != 0;
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
        slab.set(record, 6, ((long) unit << 32) | (NONE & LOW));
        slab.set(record, 7, (long) set << 32 | position);
    }

    /** Leaves its mapset; that is locked. */
    void leave(int record) {
        slab.set(record, 7, (long) NONE << 32);
    }

    /** Its mapset, or {@link #NONE}; certain while that is locked. */
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
        slab.set(record, 5, ((long) head << 32) | (NONE & LOW));
        if (head != NONE) {
            slab.set(head, 5, (slab.get(head, 5) & ~LOW) | (record & LOW));
        }
        acts.setFirstRecord(act, record);
    }

    /** Takes a record out of its act's list; the bucket is locked. */
    public void unlink(LeafActs acts, int act, int record) {
        int next = nextOfAct(record);
        int previous = (int) slab.get(record, 5);
        if (next != NONE) {
            slab.set(next, 5, (slab.get(next, 5) & ~LOW) | (previous & LOW));
        }
        if (previous == NONE) {
            acts.setFirstRecord(act, next);
        } else {
            slab.set(previous, 5, (slab.get(previous, 5) & LOW) | ((long) next << 32));
        }
    }
}
