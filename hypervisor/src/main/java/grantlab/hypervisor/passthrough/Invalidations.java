package grantlab.hypervisor.passthrough;

import grantlab.api.iommu.DeviceSpace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What devices may remember and are to forget. A drain waits for what devices do, so it is done only where something was queued since
 * the one before. Any thread.
 */
final class Invalidations {
    private static final VarHandle QUEUED;
    private static final VarHandle DRAINED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            QUEUED = lookup.findVarHandle(Invalidations.class, "queued", long.class);
            DRAINED = lookup.findVarHandle(Invalidations.class, "drained", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final DeviceSpace space;

    @SuppressWarnings("UnusedVariable") // through QUEUED
    private volatile long queued;

    /** So many of those that were queued are forgotten, and nobody is under way with them. */
    private volatile long drained;

    Invalidations(DeviceSpace space) {
        this.space = space;
    }

    /** An entry is no more what it was. */
    void queue(long dfn, int order) {
        space.queueInvalidation(dfn, order);
        QUEUED.getAndAdd(this, 1L);
    }

    /** When it returns, all that was queued before is forgotten: by this drain, or by one that has ended. */
    void drain() {
        long all = queued;
        if (drained < all) {
            space.drain();
            for (long less = drained; less < all; less = drained) {
                DRAINED.compareAndSet(this, less, all);
            }
        }
    }
}
