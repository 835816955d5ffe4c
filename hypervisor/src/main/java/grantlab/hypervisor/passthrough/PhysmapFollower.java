package grantlab.hypervisor.passthrough;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Devices of a domain with a guest-physical map reach what stands in it, with the rights that the type of the entry gives
 * (xen-semantics 3.10): this keeps their table so. Where the map itself is their table, what they remember of it is left to care for.
 *
 * <p>Changes of one entry may be told in another order than they happened. So nobody believes what it was told: each looks at the
 * entry as it is now, one at a time for each guest frame, and the last one to look comes after the last change.
 */
final class PhysmapFollower implements MapWatcher {
    private static final int GROUPS = 64;

    private final PhysicalMap map;
    private final DeviceSpace space;
    private final Invalidations invalidations;
    private final ReentrantLock[] groups = new ReentrantLock[GROUPS];
    private volatile boolean ended;

    /** Whether devices ever wrote where nothing stood: whoever puts something there makes them forget it at once. */
    private volatile boolean sinks;

    PhysmapFollower(PhysicalMap map, DeviceSpace space, Invalidations invalidations) {
        this.map = map;
        this.space = space;
        this.invalidations = invalidations;
        for (int group = 0; group < GROUPS; group++) {
            groups[group] = new ReentrantLock();
        }
    }

    @Override
    public void changed(long gfn, int order, boolean first) {
        if (ended) {
            return;
        }
        if (space.followsPhysicalMap()) {
            if (!first) {
                invalidations.queue(gfn, order);
            }
        } else if (order == Page.ORDER_4K) {
            followPage(gfn);
        } else {
            followBlock(gfn, order);
        }
    }

    @Override
    public void forget() {
        invalidations.drain();
    }

    /**
     * What devices write at a guest frame where nothing stands goes to another frame from now on, until something stands there or {@link
     * #unsink}.
     *
     * @param gfn where nothing is remembered any more
     * @param scratch machine frame that swallows it
     * @return false: they have an entry there by now, or there are no such entries
     */
    boolean sink(long gfn, long scratch) {
        if (ended || space.followsPhysicalMap()) {
            return false;
        }
        sinks = true;
        ReentrantLock group = groups[(int) gfn & GROUPS - 1];
        group.lock();
        try {
            return space.entry(gfn) == DeviceSpace.NO_ENTRY
                    && space.map(gfn, scratch, Page.ORDER_4K, Access.WRITE) >= Status.OKAY;
        } finally {
            group.unlock();
        }
    }

    /** Ends it, where it is so yet; devices may write there until the next {@link #forget}. */
    void unsink(long gfn, long scratch) {
        ReentrantLock group = groups[(int) gfn & GROUPS - 1];
        group.lock();
        try {
            long standing = space.entry(gfn);
            if (!ended && DeviceSpace.frameOf(standing) == scratch && DeviceSpace.accessOf(standing) == Access.WRITE) {
                takeOut(gfn, standing, Page.ORDER_4K);
            }
        } finally {
            group.unlock();
        }
    }

    /** The domain dies, and its devices are gone. */
    void end() {
        ended = true;
    }

    private void followPage(long gfn) {
        ReentrantLock group = groups[(int) gfn & GROUPS - 1];
        boolean wasSink;
        group.lock();
        try {
            wasSink = sinks && DeviceSpace.accessOf(space.entry(gfn)) == Access.WRITE;
            copyPage(gfn);
        } finally {
            group.unlock();
        }
        if (wasSink) {
            invalidations.drain();
        }
    }

    private void followBlock(long gfn, int order) {
        for (ReentrantLock group : groups) {
            group.lock();
        }
        try {
            copyBlock(gfn, order);
        } finally {
            for (ReentrantLock group : groups) {
                group.unlock();
            }
        }
        if (sinks) {
            invalidations.drain();
        }
    }

    /** With the lock of the guest frame. */
    private void copyPage(long gfn) {
        long wanted = map.entry(gfn);
        long standing = space.entry(gfn);
        int access = DeviceSpace.accessByMap(wanted);
        if (access != 0) {
            if (!leadsThere(standing, wanted, access)) {
                enter(gfn, PhysicalMap.frameOf(wanted), Page.ORDER_4K, access);
            }
        } else if (standing != DeviceSpace.NO_ENTRY) {
            takeOut(gfn, standing, Page.ORDER_4K);
        }
    }

    private static boolean leadsThere(long standing, long wanted, int access) {
        return standing != DeviceSpace.NO_ENTRY
                && DeviceSpace.frameOf(standing) == PhysicalMap.frameOf(wanted)
                && DeviceSpace.accessOf(standing) == access;
    }

    private void enter(long gfn, long mfn, int order, int access) {
        int status = space.map(gfn, mfn, order, access);
        if (status == Status.MODIFIED) {
            invalidations.queue(gfn, order);
        } else if (status < Status.OKAY) {
            throw new IllegalStateException(
                    "the device table has no room for gfn 0x%x: status %d, though the map has".formatted(gfn, status));
        }
    }

    private void takeOut(long gfn, long standing, int order) {
        space.unmap(gfn, DeviceSpace.frameOf(standing), order, DeviceSpace.accessOf(standing));
        invalidations.queue(gfn, order);
    }

    /** With all locks. What stands in the range may be smaller again by now. */
    private void copyBlock(long first, int order) {
        long wanted = map.entry(first);
        int access = DeviceSpace.accessByMap(wanted);
        if (access != 0 && PhysicalMap.orderOf(wanted) == order) {
            enter(first, PhysicalMap.frameOf(wanted), order, access);
            return;
        }
        long end = first + (1L << order);
        boolean nothing = !isWithin(map.next(first), end);
        for (long dfn = space.next(first); isWithin(dfn, end); dfn = space.next(dfn + 1)) {
            if (nothing) {
                long standing = space.entry(dfn);
                takeOut(dfn, standing, Math.min(order, DeviceSpace.orderOf(standing)));
            } else {
                copyPage(dfn);
            }
        }
        for (long gfn = map.next(first); isWithin(gfn, end); gfn = map.next(gfn + 1)) {
            copyPage(gfn);
        }
    }

    /** None is the largest of all unsigned numbers. */
    private static boolean isWithin(long frame, long end) {
        return Long.compareUnsigned(frame, end) < 0;
    }
}
