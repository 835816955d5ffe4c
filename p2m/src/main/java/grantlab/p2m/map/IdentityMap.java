package grantlab.p2m.map;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The map of a domain whose frame numbers are machine frames (PV): each frame that it owns is where it is, page tables and
 * frames of its grant table included. There are no entries to set: the map follows the frame table.
 */
public final class IdentityMap implements PhysicalMap {
    private final int domid;
    private final FrameTable frames;
    private final Supplier<Changes> ownershipChanges;

    /** Set before anybody else knows the map. */
    private @Nullable MapWatcher watcher;

    /**
     * The map of what a domain owns.
     *
     * @param domid whose
     * @param frames the books
     * @param ownershipChanges how often the domain got or lost frames
     */
    public IdentityMap(int domid, FrameTable frames, Supplier<Changes> ownershipChanges) {
        this.domid = domid;
        this.frames = frames;
        this.ownershipChanges = ownershipChanges;
    }

    private boolean owns(long gfn) {
        return frames.owner(gfn) == domid;
    }

    @Override
    public long frameToGrant(long gfn) {
        return owns(gfn) ? gfn : Status.BAD_PAGE;
    }

    @Override
    public long getFrameToGrant(long gfn) {
        return frames.get(gfn, Page.ORDER_4K, domid) ? gfn : Status.BAD_PAGE;
    }

    @Override
    public long machineFrame(long gfn) {
        return owns(gfn) ? gfn : INVALID;
    }

    @Override
    public long entry(long gfn) {
        if (!owns(gfn)) {
            return INVALID;
        }
        return PhysicalMap.entry(gfn, Page.ORDER_4K, frames.isShared(gfn) ? TABLE_FRAME : RAM_RW);
    }

    @Override
    public Changes memoryChanges() {
        return ownershipChanges.get();
    }

    @Override
    public long limit() {
        return Page.FRAME_LIMIT;
    }

    @Override
    public long adopt(long gfn, long mfn) {
        frames.setMachineToPhysical(mfn, gfn);
        return mfn;
    }

    @Override
    public long set(long gfn, long mfn, int order, int type) {
        throw notAMap();
    }

    @Override
    public long clear(long gfn, int order) {
        throw notAMap();
    }

    private UnsupportedOperationException notAMap() {
        return new UnsupportedOperationException("frame numbers of d" + domid
                + " are machine frames: it has no map whose entries could be changed; ask its address space");
    }

    @Override
    public int decrease(long gfn, Removed removed) {
        removed.mfn = INVALID;
        if (!frames.get(gfn, Page.ORDER_4K, domid)) {
            return -Errno.ENXIO;
        }
        frames.setMachineToPhysical(gfn, FrameTable.NONE);
        // The owner changes only when nobody holds the frame; a cache that goes by changes has to hear of it to let go.
        ownershipChanges.get().add();
        removed.mfn = gfn;
        return 0;
    }

    @Override
    public long populate(long gfn, long mfn) {
        frames.setMachineToPhysical(mfn, gfn);
        return mfn;
    }

    @Override
    public int remove(long gfn) {
        return -Errno.EACCES;
    }

    @Override
    public void watch(MapWatcher follower) {
        watcher = follower;
    }

    @Override
    public @Nullable MapWatcher watcher() {
        return watcher;
    }

    @Override
    public long next(long from) {
        return frames.nextOwned(domid, from);
    }

    @Override
    public long findNext(long mfn, long from) {
        return mfn >= from && owns(mfn) ? mfn : INVALID;
    }
}
