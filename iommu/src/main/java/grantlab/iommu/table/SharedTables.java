package grantlab.iommu.table;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.PhysicalMap;

/**
 * The guest-physical map as it is: the type of an entry gives the rights (p2m_get_iommu_flags in xen/arch/x86/include/asm/p2m.h). There
 * is no type that a device could write and not read.
 */
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
        int access = entry == PhysicalMap.INVALID ? 0 : accessOfType(PhysicalMap.typeOf(entry));
        return access == 0
                ? DeviceSpace.NO_ENTRY
                : DeviceSpace.entry(PhysicalMap.frameOf(entry), PhysicalMap.orderOf(entry), access);
    }

    private static int accessOfType(int type) {
        return switch (type) {
            case PhysicalMap.RAM_RW,
                    PhysicalMap.TABLE_FRAME,
                    PhysicalMap.GRANT_RW,
                    PhysicalMap.V3_GRANT_RW,
                    PhysicalMap.FOREIGN -> Access.READ | Access.WRITE;
            case PhysicalMap.RAM_RO, PhysicalMap.GRANT_RO, PhysicalMap.V3_GRANT_RO -> Access.READ;
            default -> 0;
        };
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
