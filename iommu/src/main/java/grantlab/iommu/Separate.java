package grantlab.iommu;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.iommu.Iommu;
import grantlab.api.iommu.IommuProvider;
import grantlab.iommu.table.SeparateTables;
import java.util.Set;

/** The kind {@code separate}, for HVM: tables of their own, without write-only entries. */
public final class Separate implements IommuProvider {
    private static final Set<Capability> CAPABILITIES = Set.of(Capability.CONFINED_DEVICES);

    /** For ServiceLoader. */
    public Separate() {}

    @Override
    public String name() {
        return "separate";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Iommu create(Ground ground) {
        return (domid, physicalMap) -> new Context(new SeparateTables(false), ground.memory(), ground.clock());
    }
}
