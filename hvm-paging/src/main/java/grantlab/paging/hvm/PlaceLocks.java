package grantlab.paging.hvm;

import grantlab.api.memory.Page;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Look at a guest frame and change it as one step: the map excludes single changes only. A lock for each of a few
 * groups of guest frames, so that vCPUs seldom meet; spinning, because nothing waits while it holds one.
 *
 * <p>What spans all groups has a lock of its own: its taker sets it and then looks at the groups, a taker of a group sets that and
 * then looks at this one. So one of two always sees the other, and who has only a group gives way.
 */
final class PlaceLocks {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int GROUPS = 64;

    /** Guest frames beside one another have one lock, so that a run of them is one step. */
    private static final int NEIGHBOUR_BITS = 3;

    private static final int LONGS_APART = 16;
    private static final int SPINS_BEFORE_YIELD = 200;

    /** The lock of all groups, behind the groups. */
    private static final int ALL = GROUPS;

    private final long[] locks = new long[(GROUPS + 2) * LONGS_APART];

    /** Larger orders span all groups. */
    void lock(long gfn, int order) {
        if (order == Page.ORDER_4K) {
            acquireGroup(groupOf(gfn));
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
        for (int spins = 0; !isTaken(ALL); spins++) {
            pause(spins);
        }
        for (int group = 0; group < GROUPS; group++) {
            awaitFree(group);
        }
    }

    void unlockAll() {
        release(ALL);
    }

    private void acquireGroup(int group) {
        for (int spins = 0; ; spins++) {
            if (isTaken(group)) {
                if (isFree(ALL)) {
                    return;
                }
                release(group);
                awaitFree(ALL);
            }
            pause(spins);
        }
    }

    private boolean isTaken(int lock) {
        return LONGS.compareAndSet(locks, indexOf(lock), 0L, 1L);
    }

    private boolean isFree(int lock) {
        return (long) LONGS.getVolatile(locks, indexOf(lock)) == 0;
    }

    private void awaitFree(int lock) {
        for (int spins = 0; !isFree(lock); spins++) {
            pause(spins);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // yields to a holder that lost its processor
    private static void pause(int spins) {
        if (spins < SPINS_BEFORE_YIELD) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    private void release(int lock) {
        LONGS.setRelease(locks, indexOf(lock), 0L);
    }

    /** How many guest frames from one on have the lock that it has, and none between them another. */
    static int together(long gfn) {
        int neighbours = 1 << NEIGHBOUR_BITS;
        return neighbours - ((int) gfn & neighbours - 1);
    }

    private static int groupOf(long gfn) {
        return (int) (gfn >>> NEIGHBOUR_BITS) & GROUPS - 1;
    }

    /** The first group stands apart from the array's header too. */
    private static int indexOf(int lock) {
        return (lock + 1) * LONGS_APART;
    }
}
