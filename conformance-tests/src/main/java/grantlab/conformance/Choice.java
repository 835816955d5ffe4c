package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.api.Provider;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An implementation in its place in a combination.
 *
 * @param name the provider's
 * @param capabilities the ids that it declares
 */
public record Choice(String name, Set<String> capabilities) {
    /** Keeps a copy. */
    public Choice {
        capabilities = Set.copyOf(capabilities);
    }

    /**
     * A provider's.
     *
     * @param provider an installed one
     * @return its name and its declarations
     */
    public static Choice of(Provider<?> provider) {
        return new Choice(
                provider.name(),
                provider.capabilities().stream().map(Capability::id).collect(Collectors.toUnmodifiableSet()));
    }

    /**
     * Whether a capability is declared.
     *
     * @param capability any
     * @return true if so
     */
    public boolean declares(Capability capability) {
        return declares(capability.id());
    }

    /**
     * Whether a capability is declared.
     *
     * @param id of a capability
     * @return true if so
     */
    public boolean declares(String id) {
        return capabilities.contains(id);
    }
}
