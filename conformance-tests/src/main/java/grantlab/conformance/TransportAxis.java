package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.api.Provider;
import grantlab.hypervisor.Installed;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The ways from virtio devices to the buffers of their drivers: those with a table for each device need a format that has such. */
final class TransportAxis implements Axis {
    private static final List<Capability> LAYOUTS =
            List.of(Capability.LAYOUT_V1, Capability.LAYOUT_V2, Capability.LAYOUT_TREE);

    @Override
    public Member place() {
        return Member.TRANSPORT;
    }

    /** What is lazy differs in when a promise is kept, and is there for who asks. */
    @Override
    public List<String> usual(Installed installed) {
        return installed.transports().stream()
                .filter(provider -> !provider.capabilities().contains(Capability.LAZY_WITHDRAWAL))
                .map(Provider::name)
                .toList();
    }

    /** Beside one of several formats with the same layout of the entry, whatever the height of their trees: they are granted through alike. */
    @Override
    public boolean usualBeside(Installed installed, Combination combination) {
        Set<String> layout = layout(combination.format());
        return layout.isEmpty()
                || installed.formats().stream()
                        .map(Choice::of)
                        .filter(format -> layout(format).equals(layout))
                        .findFirst()
                        .equals(Optional.of(combination.format()));
    }

    private static Set<String> layout(Choice format) {
        return LAYOUTS.stream().map(Capability::id).filter(format::declares).collect(Collectors.toSet());
    }

    @Override
    public List<Choice> named(Installed installed, String name) {
        return List.of(Choice.of(installed.transport(name)));
    }

    @Override
    public boolean fits(Choice choice, Combination beside) {
        return !choice.declares(Capability.TABLES_OF_DEVICES) || beside.format().declares(Capability.MANY_TABLES);
    }

    @Override
    public String rule(Choice choice) {
        return choice.declares(Capability.TABLES_OF_DEVICES)
                ? "formats with more than one table per granter (trees)"
                : "every format";
    }
}
