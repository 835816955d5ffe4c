package grantlab.virtio.transport;

import grantlab.api.Status;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.virtio.iommu.IommuDevice;

/**
 * Pages by virtual addresses that an IOMMU translates for one endpoint. It is asked when a page is mapped; what it unmaps later is taken
 * away. Whether a page may be written is its word alone: a foreign mapping can always be written.
 *
 * @param iommu who translates
 * @param endpoint whose addresses
 * @param physical pages by physical addresses
 * @param events tells the driver of faults
 */
record TranslatedPages(IommuDevice iommu, int endpoint, ForeignPages physical, Runnable events) implements DriverPages {
    @Override
    public long index(long busAddress) {
        return Page.frame(busAddress);
    }

    @Override
    public int admits(long index, boolean writes) {
        if (iommu.translate(endpoint, Page.address(index), writes) >= 0) {
            return Status.OKAY;
        }
        events.run();
        return Status.BAD_VIRT_ADDR;
    }

    @Override
    public boolean takenAway() {
        return true;
    }

    /** Translated twice within the lock: what was admitted is still mapped. */
    @Override
    public void prepare(long index, boolean writes, long slot, MappedGrant into) {
        physical.prepare(Page.frame(iommu.translate(endpoint, Page.address(index), writes)), writes, slot, into);
    }

    @Override
    public int mapAll(MappedGrant[] mappings, int count) {
        return physical.mapAll(mappings, count);
    }

    @Override
    public int unmapAll(MappedGrant[] mappings, int count) {
        return physical.unmapAll(mappings, count);
    }

    @Override
    public int copyFrom(long index, int offset, long address, int length) {
        return Status.UNSUPPORTED;
    }

    @Override
    public int copyTo(long index, int offset, long address, int length) {
        return Status.UNSUPPORTED;
    }
}
