package grantlab.iommu.tlb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How often something was forgotten. Whoever looks into the table remembers this number first, and keeps what was found only if
 * it is the same still: else an old entry could come into the cache after it was forgotten there.
 */
final class Forgettings {
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(Forgettings.class, "count", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long count;

    long count() {
        return count;
    }

    /** Before the lines are looked at. */
    void add() {
        COUNT.getAndAdd(this, 1L);
    }
}
