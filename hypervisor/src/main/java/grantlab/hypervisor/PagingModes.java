package grantlab.hypervisor;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.paging.PagingMode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The paging modes of one machine, by name. */
public final class PagingModes {
    private final Map<String, Mode> byName = new TreeMap<>();

    PagingModes(Installed installed, Ground ground) {
        installed
                .pagingModes()
                .forEach(provider ->
                        byName.put(provider.name(), new Mode(provider.create(ground), provider.capabilities())));
    }

    /**
     * A mode.
     *
     * @param name as its provider calls it
     * @return the mode
     * @throws ConfigurationException when none is called so; the message lists those that exist
     */
    public Mode named(String name) {
        Mode mode = byName.get(name);
        if (mode == null) {
            throw Installed.unknown("paging", name, byName.keySet());
        }
        return mode;
    }

    /**
     * A mode on this machine.
     *
     * @param paging makes address spaces
     * @param capabilities what its provider declares
     */
    public record Mode(PagingMode paging, Set<Capability> capabilities) {}
}
