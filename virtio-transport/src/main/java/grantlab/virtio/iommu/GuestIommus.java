package grantlab.virtio.iommu;

import grantlab.api.transport.Endpoint;
import grantlab.virtio.device.Mmio;
import org.jspecify.annotations.Nullable;

/** A transport behind which each driver's guest has a virtio-iommu device: the guest reaches it as any device. */
public interface GuestIommus {
    /**
     * The registers of an IOMMU, as its guest reaches them: each access is an exit.
     *
     * @param endpoint a device behind it
     * @return null before a device was plugged in there
     */
    @Nullable
    Mmio iommu(Endpoint endpoint);
}
