package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.util.List;
import java.util.Set;

/** The ways in which a revocation finds mappings: there is one only where there is a tree format. */
final class SearchAxis implements Axis {
    @Override
    public Member place() {
        return Member.SEARCH;
    }

    @Override
    public List<String> usual(Installed installed) {
        return List.of(Settings.SCAN);
    }

    /** Beside other further places it can be chosen. */
    @Override
    public boolean usualBeside(Installed installed, Combination combination) {
        return combination.further().isEmpty();
    }

    @Override
    public List<Choice> named(Installed installed, String name) {
        // Refuses a name that stands for nothing.
        return List.of(new Choice(Settings.usual().withRevokeSearch(name).revokeSearch(), Set.of()));
    }

    @Override
    public boolean fits(Choice choice, Combination beside) {
        return beside.format().declares(Capability.LAYOUT_TREE);
    }

    @Override
    public String rule(Choice choice) {
        return "formats with trees (v3-tree): without them nothing is taken back";
    }
}
