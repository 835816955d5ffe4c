package grantlab.iommu.tlb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Ranges that are to be forgotten with the next drain, as many as the queue of an IOMMU takes (VT-d's queued invalidation: one page
 * of 256 descriptors). When it runs over, everything is forgotten instead.
 *
 * <p>Any thread. A drain that finds another one at work waits for it: what it queued itself may be among what that one took.
 */
public final class InvalidationQueue {
    /** Ranges that are kept apart. */
    public static final int CAPACITY = 256;

    private static final VarHandle LOCKED;

    static {
        try {
            LOCKED = MethodHandles.lookup().findVarHandle(InvalidationQueue.class, "locked", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int ORDER_BITS = 5;
    private static final long ORDER_MASK = (1 << ORDER_BITS) - 1;

    @SuppressWarnings("UnusedVariable") // through LOCKED
    private volatile boolean locked;

    private final Iotlb iotlb;
    private final long[] ranges = new long[CAPACITY];
    private int length;
    private boolean ranOver;

    private volatile long invalidations;
    private volatile long globalInvalidations;

    /**
     * An empty queue.
     *
     * @param iotlb what is to forget
     */
    public InvalidationQueue(Iotlb iotlb) {
        this.iotlb = iotlb;
    }

    private void lock() {
        for (int round = 0; !LOCKED.compareAndSet(this, false, true); round++) {
            Pause.once(round);
        }
    }

    private void unlock() {
        locked = false;
    }

    /**
     * Queues a range.
     *
     * @param dfn first device frame
     * @param order of the range
     */
    public void add(long dfn, int order) {
        lock();
        if (length < CAPACITY) {
            ranges[length++] = dfn << ORDER_BITS | order;
        } else {
            ranOver = true;
        }
        unlock();
    }

    /** Forgets all that was queued before. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // with the lock
    public void perform() {
        lock();
        try {
            if (ranOver) {
                iotlb.forgetAll();
                globalInvalidations++;
            } else {
                for (int at = 0; at < length; at++) {
                    iotlb.forget(ranges[at] >>> ORDER_BITS, (int) (ranges[at] & ORDER_MASK));
                }
                invalidations += length;
            }
            length = 0;
            ranOver = false;
        } finally {
            unlock();
        }
    }

    /**
     * Ranges that were forgotten one by one.
     *
     * @return how many so far
     */
    public long invalidations() {
        return invalidations;
    }

    /**
     * Times that everything was forgotten.
     *
     * @return how many so far
     */
    public long globalInvalidations() {
        return globalInvalidations;
    }
}
