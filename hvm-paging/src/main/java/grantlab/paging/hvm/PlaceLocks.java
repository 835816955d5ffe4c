package grantlab.paging.hvm;

import grantlab.api.memory.Page;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Look at a guest frame and change it as one step: the map excludes single changes only. A lock for each of a few
 * groups of guest frames, so that vCPUs seldom meet; spinning, because nothing waits while it holds one.
 */
final class PlaceLocks {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int GROUPS = 64;
    private static final int LONGS_APART = 16;
    private static final int SPINS_BEFORE_YIELD = 200;

    private final long[] locks = new long[(GROUPS + 1) * LONGS_APART];

    /** Larger orders span all groups. */
    void lock(long gfn, int order) {
        if (order == Page.ORDER_4K) {
            acquire(groupOf(gfn));
        } else {
            lockAll();
        }
    }

    void unlock(long gfn, int order) {
        if (order == Page.ORDER_4K) {
            release(groupOf(gfn));
        } else {
            unlockAll();
        }
    }

    /** For changes of more than one guest frame. */
    void lockAll() {
        for (int group = 0; group < GROUPS; group++) {
            acquire(group);
        }
    }

    void unlockAll() {
        for (int group = GROUPS - 1; group >= 0; group--) {
            release(group);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // yields to a holder that lost its processor
    private void acquire(int group) {
        int index = indexOf(group);
        int spins = 0;
        while (!LONGS.compareAndSet(locks, index, 0L, 1L)) {
            if (++spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private void release(int group) {
        LONGS.setRelease(locks, indexOf(group), 0L);
    }

    private static int groupOf(long gfn) {
        return (int) gfn & GROUPS - 1;
    }

    /** The first group stands apart from the array's header too. */
    private static int indexOf(int group) {
        return (group + 1) * LONGS_APART;
    }
}
