package grantlab.hypervisor.operation.tree;

import grantlab.api.grant.TreeFormat;
import org.jspecify.annotations.Nullable;

/** The format in which this machine's guests keep trees, if one is installed: the configured one, else the first by name. */
public final class TreeFormats {
    private final @Nullable TreeFormat chosen;

    /**
     * What was made for this machine.
     *
     * @param chosen the format, or null when none is installed: then the calls do not exist
     */
    public TreeFormats(@Nullable TreeFormat chosen) {
        this.chosen = chosen;
    }

    /**
     * Whether trees exist on this machine.
     *
     * @return false: their operations are unknown
     */
    public boolean installed() {
        return chosen != null;
    }

    /**
     * The format.
     *
     * @return where one is {@link #installed}
     */
    public TreeFormat chosen() {
        if (chosen == null) {
            throw new IllegalStateException("no tree format is installed");
        }
        return chosen;
    }
}
