package grantlab.iommu;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.iommu.Iommu;
import grantlab.api.iommu.IommuProvider;
import grantlab.iommu.table.SharedTables;
import java.util.Set;

/** The kind {@code shared}, for HVM: devices are translated by the guest-physical map itself. */
public final class Shared implements IommuProvider {
    private static final Set<Capability> CAPABILITIES = Set.of(Capability.CONFINED_DEVICES, Capability.SHARED_TABLES);

    /** For ServiceLoader. */
    public Shared() {}

    @Override
    public String name() {
        return "shared";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Iommu create(Ground ground) {
        return (domid, physicalMap) -> new Context(new SharedTables(physicalMap), ground.memory(), ground.clock());
    }
}
