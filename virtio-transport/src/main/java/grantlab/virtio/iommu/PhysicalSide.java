package grantlab.virtio.iommu;

import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.TransportCounts;

/**
 * A driver's side without any protection: a bus address is a physical one, and everything is always exposed. It is for the queues of
 * virtio-iommu itself, for which nobody translates (virtio 1.2, 5.13).
 */
public final class PhysicalSide implements DriverSide {
    private final GuestKernel kernel;
    private final TransportCounts counts = new TransportCounts();

    /**
     * All memory of a guest.
     *
     * @param kernel of the driver
     */
    public PhysicalSide(GuestKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public long expose(long address, int length, int access) {
        int offset = Page.offset(address);
        return Page.address(kernel.frameOf(address - offset)) | offset;
    }

    @Override
    public int withdraw(long busAddress, int length) {
        return Status.OKAY;
    }

    @Override
    public int revoke(long busAddress, int length) {
        return Status.UNSUPPORTED;
    }

    @Override
    public TransportCounts counts() {
        return counts;
    }

    @Override
    public void close() {}
}
