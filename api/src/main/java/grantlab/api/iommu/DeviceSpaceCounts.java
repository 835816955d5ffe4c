package grantlab.api.iommu;

/**
 * What a device space has done. Counts only grow.
 *
 * @param invalidations ranges that were forgotten because they were queued one by one
 * @param globalInvalidations times that everything was forgotten because the queue had run over
 * @param drains calls of {@link DeviceSpace#drain}
 * @param quarantined devices that were cut off because they did not drain
 * @param faults accesses that were refused
 */
public record DeviceSpaceCounts(
        long invalidations, long globalInvalidations, long drains, long quarantined, long faults) {}
