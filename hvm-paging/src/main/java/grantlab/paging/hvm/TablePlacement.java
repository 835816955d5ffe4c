package grantlab.paging.hvm;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;

/**
 * Frames that are put into the map on request: of the domain's own grant table (xenmem_add_to_physmap_one), and of
 * other domains (p2m_add_foreign).
 */
final class TablePlacement {
    private final int domid;
    private final PhysicalMap map;
    private final FrameTable frames;
    private final PlaceLocks locks;
    private final GrantRegions regions;
    private final Shootdown shootdown;

    TablePlacement(
            int domid,
            PhysicalMap map,
            FrameTable frames,
            PlaceLocks locks,
            GrantRegions regions,
            Shootdown shootdown) {
        this.domid = domid;
        this.map = map;
        this.frames = frames;
        this.locks = locks;
        this.regions = regions;
        this.shootdown = shootdown;
    }

    /** A table frame appears at one guest frame only: it leaves an earlier one. */
    int place(long gfn, long mfn) {
        if (gfn == PhysicalMap.INVALID) {
            return -Errno.EINVAL;
        }
        // The guest may have given it back by its number: then nothing holds it but the table itself.
        if (!frames.get(mfn, Page.ORDER_4K, domid)) {
            return -Errno.EBUSY;
        }
        locks.lockAll();
        try {
            int error = vacate(gfn);
            if (error != 0) {
                return error;
            }
            unhook(mfn);
            if (map.set(gfn, mfn, Page.ORDER_4K, PhysicalMap.TABLE_FRAME) < PhysicalMap.INVALID) {
                return -Errno.ENOENT;
            }
            frames.setMachineToPhysical(mfn, gfn);
            return 0;
        } finally {
            locks.unlockAll();
            frames.put(mfn, Page.ORDER_4K);
        }
    }

    /** A foreign frame, held by the reference that the caller brings. */
    int placeForeign(long gfn, long mfn) {
        locks.lockAll();
        try {
            int error = vacate(gfn);
            if (error != 0) {
                return error;
            }
            if (map.set(gfn, mfn, Page.ORDER_4K, PhysicalMap.FOREIGN) < PhysicalMap.INVALID) {
                return -Errno.ENOENT;
            }
            regions.add(gfn);
            return 0;
        } finally {
            locks.unlockAll();
        }
    }

    /**
     * A table frame is going to be freed: it leaves the map, and then nothing may be left of it but its allocation.
     *
     * @return zero or CRASH_CALLER
     */
    int withdraw(long mfn) {
        locks.lockAll();
        try {
            boolean inMap = frames.machineToPhysical(mfn) != FrameTable.NONE;
            if (inMap && !unhook(mfn)) {
                return Status.CRASH_CALLER;
            }
        } finally {
            locks.unlockAll();
        }
        return frames.references(mfn) > 1 ? Status.CRASH_CALLER : Status.OKAY;
    }

    /** Makes room: a table frame is unhooked, ordinary memory is freed, anything else stays and is an error. */
    private int vacate(long gfn) {
        long entry = map.entry(gfn);
        if (!MapEntry.isPresent(entry)) {
            return 0;
        }
        if (MapEntry.isTableFrame(entry)) {
            unhook(PhysicalMap.frameOf(entry));
            return 0;
        }
        long mfn = PhysicalMap.frameOf(entry);
        // A grant of this domain's own that moved here goes like ordinary memory; another's frame cannot be got.
        if (MapEntry.isForeign(entry) || MapEntry.isV3Grant(entry) || !frames.get(mfn, Page.ORDER_4K, domid)) {
            return -Errno.ENXIO;
        }
        map.clear(gfn, Page.ORDER_4K);
        frames.setMachineToPhysical(mfn, FrameTable.NONE);
        shootdown.flushAll();
        frames.releaseAllocation(mfn);
        frames.put(mfn, Page.ORDER_4K);
        return 0;
    }

    /** Takes a frame from the guest frame at which it is. @return false when it was not there */
    private boolean unhook(long mfn) {
        long gfn = frames.machineToPhysical(mfn);
        long entry = map.entry(gfn);
        if (!MapEntry.isRam(entry) || PhysicalMap.frameOf(entry) != mfn) {
            return false;
        }
        map.clear(gfn, Page.ORDER_4K);
        frames.setMachineToPhysical(mfn, FrameTable.NONE);
        shootdown.flushAll();
        return true;
    }
}
