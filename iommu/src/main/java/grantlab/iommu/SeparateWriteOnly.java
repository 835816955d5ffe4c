package grantlab.iommu;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.iommu.Iommu;
import grantlab.api.iommu.IommuProvider;
import grantlab.iommu.table.SeparateTables;
import java.util.Set;

/** The kind {@code separate-wo}, for HVM: tables of their own, with write-only entries. */
public final class SeparateWriteOnly implements IommuProvider {
    private static final Set<Capability> CAPABILITIES =
            Set.of(Capability.CONFINED_DEVICES, Capability.WRITE_ONLY_ENTRIES);

    /** For ServiceLoader. */
    public SeparateWriteOnly() {}

    @Override
    public String name() {
        return "separate-wo";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Iommu create(Ground ground) {
        return (domid, physicalMap) -> new Context(new SeparateTables(true), ground.memory(), ground.clock());
    }
}
