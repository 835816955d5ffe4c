package grantlab.paging.hvm;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import java.util.Arrays;

/** Grants into the map and out of it (xen-semantics 6.1 to 6.6), with what that does to the rest of the map. */
final class GrantPlacement {
    private final int domid;
    private final PhysicalMap map;
    private final FrameTable frames;
    private final PlaceReferences references;
    private final PlaceLocks locks;
    private final GrantRegions regions;
    private final Shootdown shootdown;

    GrantPlacement(
            int domid,
            PhysicalMap map,
            FrameTable frames,
            PlaceReferences references,
            PlaceLocks locks,
            GrantRegions regions,
            Shootdown shootdown) {
        this.domid = domid;
        this.map = map;
        this.frames = frames;
        this.references = references;
        this.locks = locks;
        this.regions = regions;
        this.shootdown = shootdown;
    }

    /** Flags other than these two have no meaning here, and host_map is not optional. */
    static boolean admits(int gntmapFlags) {
        return (gntmapFlags & ~Gntmap.READONLY) == Gntmap.HOST_MAP;
    }

    /**
     * Enters a granted frame (p2m_add_page).
     *
     * @return zero, a status, or CRASH_CALLER
     */
    int place(long gfn, long mfn, int order, int access, AddressSpace.Mapped result) {
        if (!isAligned(gfn, mfn, order)) {
            return Status.BAD_SIZE;
        }
        int type = MapEntry.grantType(Access.writes(access));
        return frames.owner(mfn) == domid
                ? placeOwn(gfn, mfn, order, type, result)
                : placeOthers(gfn, mfn, order, type, result);
    }

    /**
     * Enters a granted frame for grants v3: a page of the domain's own keeps its old place too, and the new one goes by
     * {@link #remove} alone.
     *
     * @return zero, a status, or CRASH_CALLER
     */
    int placeBeside(long gfn, long mfn, int order, int access, AddressSpace.Mapped result) {
        return isAligned(gfn, mfn, order)
                ? placeOthers(gfn, mfn, order, MapEntry.v3GrantType(Access.writes(access)), result)
                : Status.BAD_SIZE;
    }

    /**
     * Enters granted frames for grants v3 at guest frames beside one another, up to the first that is refused.
     *
     * @return how many, from the first on
     */
    int placeBeside(long gfn, long[] mfns, int count, int access, AddressSpace.Mapped result) {
        int type = MapEntry.v3GrantType(Access.writes(access));
        int done = 0;
        int placed = -1;
        while (done < count && placed != 0) {
            int end = Math.min(count, done + PlaceLocks.together(gfn + done));
            placed = placeTogether(gfn, mfns, done, end, type, result);
            done += placed;
        }
        return done;
    }

    private int placeTogether(long gfn, long[] mfns, int from, int end, int type, AddressSpace.Mapped result) {
        locks.lock(gfn + from, Page.ORDER_4K);
        try {
            int next = from + enterVacant(gfn, mfns, from, end, type, result);
            while (next < end && placePage(gfn + next, mfns[next], type, false, result) == Status.OKAY) {
                next++;
            }
            return next - from;
        } finally {
            locks.unlock(gfn + from, Page.ORDER_4K);
        }
    }

    /** As many as come where nothing stands: nobody loses anything by them. */
    private int enterVacant(long gfn, long[] mfns, int from, int end, int type, AddressSpace.Mapped result) {
        int entered = map.setVacant(gfn, mfns, from, end, type);
        if (entered != 0) {
            // Of guest frames under one lock all are in one region.
            regions.add(gfn + from);
            result.place = gfn + from + entered - 1;
            result.displacedMfn = PhysicalMap.INVALID;
            result.orderGot = Page.ORDER_4K;
        }
        return entered;
    }

    private int placeOthers(long gfn, long mfn, int order, int type, AddressSpace.Mapped result) {
        locks.lock(gfn, order);
        try {
            return order == Page.ORDER_4K
                    ? placePage(gfn, mfn, type, false, result)
                    : placeBlock(gfn, mfn, order, type, false, result);
        } finally {
            locks.unlock(gfn, order);
        }
    }

    /** A domain's own page moves, which changes a second guest frame. */
    private int placeOwn(long gfn, long mfn, int order, int type, AddressSpace.Mapped result) {
        locks.lockAll();
        try {
            return order == Page.ORDER_4K
                    ? placePage(gfn, mfn, type, true, result)
                    : placeBlock(gfn, mfn, order, type, true, result);
        } finally {
            locks.unlockAll();
        }
    }

    private int placePage(long gfn, long mfn, int type, boolean own, AddressSpace.Mapped result) {
        long entry = map.entry(gfn);
        if (MapEntry.isSpecial(entry)) {
            return Status.CRASH_CALLER;
        }
        boolean moved = forget(entry);
        if (own) {
            moved |= takeFromOldPlace(mfn);
        }
        return enter(gfn, mfn, Page.ORDER_4K, type, moved, result);
    }

    private int placeBlock(long gfn, long mfn, int order, int type, boolean own, AddressSpace.Mapped result) {
        long frameCount = 1L << order;
        boolean moved = false;
        if (!map.isVacant(gfn, order)) {
            for (long offset = 0; offset < frameCount; offset++) {
                if (MapEntry.isSpecial(map.entry(gfn + offset))) {
                    return Status.CRASH_CALLER;
                }
            }
            for (long offset = 0; offset < frameCount; offset++) {
                moved |= forget(map.entry(gfn + offset));
            }
        }
        if (own) {
            for (long offset = 0; offset < frameCount; offset++) {
                moved |= takeFromOldPlace(mfn + offset);
            }
        }
        return enter(gfn, mfn, order, type, moved, result);
    }

    /** The entry itself, after what stood there and what stood elsewhere was judged. */
    private int enter(long gfn, long mfn, int order, int type, boolean movedBefore, AddressSpace.Mapped result) {
        boolean moved = movedBefore;
        long before = map.set(gfn, mfn, order, type);
        if (before < PhysicalMap.INVALID) {
            // Beyond the map, which is found last: an own page has lost its old place by now.
            flushIf(moved);
            return Status.GENERAL_ERROR;
        }
        regions.add(gfn);
        // populate_physmap does not wait for this lock, and may have come in between.
        moved |= forget(before);
        flushIf(moved);
        result.place = gfn;
        result.displacedMfn = MapEntry.isPresent(before) ? PhysicalMap.frameOf(before) : PhysicalMap.INVALID;
        result.orderGot = order;
        return Status.OKAY;
    }

    /** RAM that is mapped over stays allocated, but nobody finds its guest frame any more. */
    private boolean forget(long displaced) {
        if (!MapEntry.isRam(displaced)) {
            return false;
        }
        frames.setMachineToPhysical(PhysicalMap.frameOf(displaced), FrameTable.NONE);
        return true;
    }

    /** The domain's own page leaves the guest frame at which the machine-to-physical table has it. */
    private boolean takeFromOldPlace(long mfn) {
        long old = frames.machineToPhysical(mfn);
        long entry = map.entry(old);
        if (!MapEntry.isRam(entry) || PhysicalMap.frameOf(entry) != mfn) {
            return false;
        }
        map.clear(old, Page.ORDER_4K);
        frames.setMachineToPhysical(mfn, FrameTable.NONE);
        return true;
    }

    /** Xen's map flushes by itself when an entry goes; ours leaves that to the address space. */
    private void flushIf(boolean moved) {
        if (moved) {
            shootdown.flushAll();
        }
    }

    /** Makes a hole of a place that holds a grant of this frame, though none of grants v3; whether it is writable is not asked. */
    int takeOut(long gfn, long mfn, int access, AddressSpace.Mapped result) {
        locks.lock(gfn, Page.ORDER_4K);
        try {
            long entry = map.entry(gfn);
            if (!MapEntry.isPresent(entry) || PhysicalMap.orderOf(entry) == Page.ORDER_4K) {
                return takeOutLocked(gfn, entry, Page.ORDER_4K, mfn, access, result);
            }
        } finally {
            locks.unlock(gfn, Page.ORDER_4K);
        }
        return takeOutLarge(gfn, orderAt(gfn), mfn, access, result);
    }

    private int takeOutLarge(long gfn, int order, long mfn, int access, AddressSpace.Mapped result) {
        locks.lock(gfn, order);
        try {
            return takeOutLocked(gfn, map.entry(gfn), order, mfn, access, result);
        } finally {
            locks.unlock(gfn, order);
        }
    }

    private int takeOutLocked(long gfn, long entry, int order, long mfn, int access, AddressSpace.Mapped result) {
        if (!isPlaceOf(entry, gfn, mfn, order) || MapEntry.isV3Grant(entry) || !references.fitTo(entry, access)) {
            return Status.GENERAL_ERROR;
        }
        map.clear(gfn, order);
        result.place = gfn;
        result.displacedMfn = mfn;
        result.orderGot = order;
        return Status.OKAY;
    }

    /** Puts another frame or another right where a grant stands. */
    int replace(long gfn, int order, long mfn, long newMfn, int access, AddressSpace.Mapped result) {
        locks.lock(gfn, order);
        try {
            long entry = map.entry(gfn);
            if (!isPlaceOf(entry, gfn, mfn, order)) {
                return Status.GONE;
            }
            result.access = MapEntry.right(entry);
            boolean writes = Access.writes(access);
            map.set(
                    gfn,
                    newMfn,
                    order,
                    MapEntry.isV3Grant(entry) ? MapEntry.v3GrantType(writes) : MapEntry.grantType(writes));
            return Status.OKAY;
        } finally {
            locks.unlock(gfn, order);
        }
    }

    /** Makes a hole where a grant stands. */
    int remove(long gfn, int order, long mfn, AddressSpace.Mapped result) {
        locks.lock(gfn, order);
        try {
            long entry = map.entry(gfn);
            if (!isPlaceOf(entry, gfn, mfn, order)) {
                return Status.GONE;
            }
            result.access = MapEntry.right(entry);
            map.clear(gfn, order);
            return Status.OKAY;
        } finally {
            locks.unlock(gfn, order);
        }
    }

    /** Makes holes where grants stand; those beside one another go together. */
    void remove(long[] places, long[] mfns, int from, int end, int[] rights) {
        int next = from;
        while (next < end) {
            long gfn = places[next];
            int limit = Math.min(end, next + PlaceLocks.together(gfn));
            int behind = next + 1;
            while (behind < limit && places[behind] - gfn == behind - next) {
                behind++;
            }
            removeTogether(places, mfns, next, behind, rights);
            next = behind;
        }
    }

    private void removeTogether(long[] places, long[] mfns, int from, int end, int[] rights) {
        locks.lock(places[from], Page.ORDER_4K);
        try {
            for (int i = from + removeAlike(places[from], mfns, from, end, rights); i < end; i++) {
                long gfn = places[i];
                long entry = map.entry(gfn);
                boolean there = isPlaceOf(entry, gfn, mfns[i], Page.ORDER_4K);
                rights[i] = there ? MapEntry.right(entry) : 0;
                if (there) {
                    map.clear(gfn, Page.ORDER_4K);
                }
            }
        } finally {
            locks.unlock(places[from], Page.ORDER_4K);
        }
    }

    /** As many as stand there in the way in which the first one does. */
    private int removeAlike(long gfn, long[] mfns, int from, int end, int[] rights) {
        long entry = map.entry(gfn);
        if (!isPlaceOf(entry, gfn, mfns[from], Page.ORDER_4K)) {
            return 0;
        }
        int removed = map.clearSame(gfn - from, mfns, from, end, PhysicalMap.typeOf(entry));
        Arrays.fill(rights, from, from + removed, MapEntry.right(entry));
        return removed;
    }

    /** The next place at or after one that holds a grant of a frame of a block; memory of the domain's own is no mapping. */
    long findNext(long mfn, int order, long from) {
        long gfn = map.findNext(mfn, order, from);
        while (gfn != PhysicalMap.INVALID && !MapEntry.isGrantOf(map.entry(gfn), mfn, order)) {
            gfn = map.findNext(mfn, order, gfn + 1);
        }
        return gfn;
    }

    /** Takes out all grants and foreign frames, and drops what their places held. */
    void takeOutAll() {
        for (long region : regions.toArray()) {
            long first = GrantRegions.firstFrame(region);
            for (long gfn = first; gfn < first + (1L << Page.ORDER_2M); gfn++) {
                takeOutAt(gfn);
            }
        }
    }

    private void takeOutAt(long gfn) {
        int order = orderAt(gfn);
        locks.lock(gfn, order);
        try {
            long entry = map.entry(gfn);
            if (MapEntry.isSpecial(entry) && PhysicalMap.orderOf(entry) == order && isAligned(gfn, 0, order)) {
                references.drop(map.clear(gfn, order));
            }
        } finally {
            locks.unlock(gfn, order);
        }
    }

    /** A guest names a large mapping by its first frame; without it the order of the entry is the order to lock. */
    private int orderAt(long gfn) {
        long entry = map.entry(gfn);
        return MapEntry.isPresent(entry) ? PhysicalMap.orderOf(entry) : Page.ORDER_4K;
    }

    private static boolean isPlaceOf(long entry, long gfn, long mfn, int order) {
        return MapEntry.isGrantOf(entry, mfn) && PhysicalMap.orderOf(entry) == order && (gfn & (1L << order) - 1) == 0;
    }

    private static boolean isAligned(long gfn, long mfn, int order) {
        return (order == Page.ORDER_4K || order == Page.ORDER_2M || order == Page.ORDER_1G)
                && ((gfn | mfn) & (1L << order) - 1) == 0;
    }
}
