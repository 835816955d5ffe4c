package grantlab.iommu.table;

/**
 * One domain's table. Each method is the one of {@link grantlab.api.iommu.DeviceSpace} that has its name, without a cache in
 * front of it.
 */
public interface DeviceTables {
    /** See {@link grantlab.api.iommu.DeviceSpace#followsPhysicalMap}. */
    default boolean followsPhysicalMap() {
        return false;
    }

    /** See {@link grantlab.api.iommu.DeviceSpace#deviceFrame}. */
    long deviceFrame(long place, long mfn);

    /** See {@link grantlab.api.iommu.DeviceSpace#entry}. */
    long entry(long dfn);

    /** See {@link grantlab.api.iommu.DeviceSpace#map}. */
    int map(long dfn, long mfn, int order, int access);

    /** See {@link grantlab.api.iommu.DeviceSpace#unmap}. */
    int unmap(long dfn, long mfn, int order, int access);

    /** See {@link grantlab.api.iommu.DeviceSpace#downgrade}. */
    int downgrade(long dfn, long mfn, int order);

    /** See {@link grantlab.api.iommu.DeviceSpace#sink}. */
    int sink(long dfn, long mfn, int order, long scratchMfn);

    /** See {@link grantlab.api.iommu.DeviceSpace#uses}. */
    default long uses(long mfn, int access) {
        return 0;
    }

    /** See {@link grantlab.api.iommu.DeviceSpace#findNext}. */
    long findNext(long mfn, long from);

    /** See {@link grantlab.api.iommu.DeviceSpace#next}. */
    long next(long from);

    /** Nothing is mapped any more. */
    void clear();
}
