package grantlab.iommu.table;

import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.PhysicalMap;

/** The guest-physical map as it is: the type of an entry gives the rights ({@link DeviceSpace#accessByMap}). */
public final class SharedTables implements DeviceTables {
    private final PhysicalMap map;

    /**
     * Looks through a map.
     *
     * @param map of the domain
     */
    public SharedTables(PhysicalMap map) {
        this.map = map;
    }

    @Override
    public boolean followsPhysicalMap() {
        return true;
    }

    @Override
    public long deviceFrame(long place, long mfn) {
        return place;
    }

    @Override
    public long entry(long dfn) {
        long entry = map.entry(dfn);
        int access = DeviceSpace.accessByMap(entry);
        return access == 0
                ? DeviceSpace.NO_ENTRY
                : DeviceSpace.entry(PhysicalMap.frameOf(entry), PhysicalMap.orderOf(entry), access);
    }

    @Override
    public int map(long dfn, long mfn, int order, int access) {
        return Status.MODIFIED;
    }

    @Override
    public int unmap(long dfn, long mfn, int order, int access) {
        return Status.MODIFIED;
    }

    @Override
    public int downgrade(long dfn, long mfn, int order) {
        return Status.MODIFIED;
    }

    @Override
    public int sink(long dfn, long mfn, int order, long scratchMfn) {
        return Status.UNSUPPORTED;
    }

    @Override
    public long findNext(long mfn, long from) {
        return map.findNext(mfn, from);
    }

    @Override
    public long next(long from) {
        return map.next(from);
    }

    /** The map outlives its devices. */
    @Override
    public void clear() {
        // Nobody is attached who could look through it.
    }
}
