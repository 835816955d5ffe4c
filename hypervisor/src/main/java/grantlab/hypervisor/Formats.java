package grantlab.hypervisor;

import grantlab.api.grant.GrantFormat;
import java.util.Map;

/**
 * The grant formats of one machine.
 *
 * @param byName each under the name of its provider
 */
public record Formats(Map<String, GrantFormat> byName) {
    /** Keeps a copy. */
    public Formats {
        byName = Map.copyOf(byName);
    }

    /**
     * A format.
     *
     * @param name of its provider
     * @return the format; an unknown name is an error that lists what exists
     */
    public GrantFormat named(String name) {
        GrantFormat format = byName.get(name);
        if (format == null) {
            throw Installed.unknown(
                    "grant-format", name, byName.keySet().stream().sorted().toList());
        }
        return format;
    }
}
