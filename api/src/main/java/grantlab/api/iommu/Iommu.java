package grantlab.api.iommu;

import grantlab.api.memory.PhysicalMap;

/**
 * A machine's IOMMU. Which domains it serves follows from what its provider declares: with {@link
 * grantlab.api.Capability#BUS_IS_MACHINE} those whose frame numbers are machine frames, else those that have a map of their own.
 */
public interface Iommu {
    /**
     * Makes the context of one domain that owns devices: at first nothing is mapped in it.
     *
     * @param domid an admitted domain
     * @param physicalMap its map
     * @return a new context without devices
     */
    DeviceSpace open(int domid, PhysicalMap physicalMap);
}
