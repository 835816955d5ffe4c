package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Iommus;
import java.util.List;

/** The kinds of IOMMU: the grantee's paging mode says which of them can serve its devices. */
final class IommuAxis implements Axis {
    @Override
    public Member place() {
        return Member.IOMMU;
    }

    @Override
    public List<String> usual(Installed installed) {
        return installed.iommus().isEmpty() ? List.of() : List.of(Iommus.STRICT);
    }

    @Override
    public boolean usualBeside(Installed installed, Combination combination) {
        return true;
    }

    @Override
    public List<Choice> named(Installed installed, String name) {
        return Iommus.providers(installed, name).stream().map(Choice::of).toList();
    }

    @Override
    public boolean fits(Choice choice, Combination beside) {
        return choice.declares(Capability.BUS_IS_MACHINE)
                != beside.granteePaging().declares(Capability.TRANSLATED);
    }

    @Override
    public String rule(Choice choice) {
        return choice.declares(Capability.BUS_IS_MACHINE)
                ? "grantees that know machine frames (pv)"
                : "grantees with a guest-physical map of their own (hvm)";
    }
}
