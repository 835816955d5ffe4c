package grantlab.iommu;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.iommu.Iommu;
import grantlab.api.iommu.IommuProvider;
import grantlab.iommu.table.IdentityTables;
import java.util.Set;

/** The kind {@code identity}, for PV: a bus address is a machine address, if a use of the frame allows it. */
public final class Identity implements IommuProvider {
    private static final Set<Capability> CAPABILITIES = Set.of(Capability.BUS_IS_MACHINE, Capability.CONFINED_DEVICES);

    /** For ServiceLoader. */
    public Identity() {}

    @Override
    public String name() {
        return "identity";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Iommu create(Ground ground) {
        return (domid, physicalMap) -> new Context(new IdentityTables(), ground.memory(), ground.clock());
    }
}
