package grantlab.hypervisor;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.iommu.Iommu;
import grantlab.api.iommu.IommuProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The IOMMU of one machine: one kind, or with {@code strict} for each domain the strictest that there is for it: identity where the
 * domain knows machine frames, else tables of their own with write-only entries.
 */
public final class Iommus {
    /** An alias, and no kind of its own. */
    public static final String STRICT = "strict";

    private static final List<String> STRICTEST = List.of("identity", "separate-wo");

    private final List<Kind> kinds = new ArrayList<>();

    Iommus(Installed installed, Ground ground, String name) {
        for (IommuProvider provider : providers(installed, name)) {
            kinds.add(new Kind(provider.create(ground), provider.capabilities()));
        }
    }

    /**
     * What a name in the configuration stands for.
     *
     * @param installed what there is
     * @param name of a kind, or {@link #STRICT}
     * @return one provider, or for the alias one for each sort of domain
     * @throws ConfigurationException when none is called so; the message lists those that exist
     */
    public static List<IommuProvider> providers(Installed installed, String name) {
        return name.equals(STRICT) ? STRICTEST.stream().map(installed::iommu).toList() : List.of(installed.iommu(name));
    }

    /**
     * The kind that serves a domain.
     *
     * @param translated whether the domain has a guest-physical map of its own
     * @return the kind, or null: no such domain can own devices
     */
    public @Nullable Kind serving(boolean translated) {
        return kinds.stream()
                .filter(kind -> kind.busIsMachine() != translated)
                .findFirst()
                .orElse(null);
    }

    /**
     * A kind on this machine.
     *
     * @param iommu makes device spaces
     * @param capabilities what its provider declares
     */
    public record Kind(Iommu iommu, Set<Capability> capabilities) {
        /** Whether it is for domains that know machine frames. */
        public boolean busIsMachine() {
            return capabilities.contains(Capability.BUS_IS_MACHINE);
        }

        /** Whether there is anything that a device cannot reach. */
        public boolean confining() {
            return capabilities.contains(Capability.CONFINED_DEVICES);
        }
    }
}
