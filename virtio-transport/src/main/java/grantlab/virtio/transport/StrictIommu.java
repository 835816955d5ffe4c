package grantlab.virtio.transport;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.transport.Transport;
import grantlab.api.transport.TransportProvider;
import java.util.Set;

/**
 * The transport {@code virtio-iommu}: the driver's guest maps buffers for the device by requests to a virtio-iommu device (virtio 1.2, section
 * 5.13), and withdrawing waits until they are unmapped. Who is behind it maps pages by their frame numbers, which a privileged domain may.
 */
public final class StrictIommu implements TransportProvider {
    /** For ServiceLoader. */
    public StrictIommu() {}

    @Override
    public String name() {
        return "virtio-iommu";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FOREIGN_MAPPINGS);
    }

    @Override
    public Transport create(Ground ground) {
        return new IommuTransport(false);
    }
}
