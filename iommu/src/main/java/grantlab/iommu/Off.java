package grantlab.iommu;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.iommu.Iommu;
import grantlab.api.iommu.IommuProvider;
import grantlab.iommu.table.NoTables;
import java.util.Set;

/** The kind {@code off}: there is no IOMMU. Devices use machine addresses, and all of RAM is theirs. */
public final class Off implements IommuProvider {
    private static final Set<Capability> CAPABILITIES = Set.of(Capability.BUS_IS_MACHINE);

    /** For ServiceLoader. */
    public Off() {}

    @Override
    public String name() {
        return "off";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Iommu create(Ground ground) {
        return (domid, physicalMap) -> new Context(new NoTables(ground.memory()), ground.memory(), ground.clock());
    }
}
