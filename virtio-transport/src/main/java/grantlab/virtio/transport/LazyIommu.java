package grantlab.virtio.transport;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.transport.Transport;
import grantlab.api.transport.TransportProvider;
import java.util.Set;

/** The transport {@code virtio-iommu-lazy}: as {@link StrictIommu}, but what is withdrawn is unmapped later, much at once. */
public final class LazyIommu implements TransportProvider {
    /** For ServiceLoader. */
    public LazyIommu() {}

    @Override
    public String name() {
        return "virtio-iommu-lazy";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FOREIGN_MAPPINGS, Capability.LAZY_WITHDRAWAL);
    }

    @Override
    public Transport create(Ground ground) {
        return new IommuTransport(true);
    }
}
