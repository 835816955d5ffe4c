package grantlab.hypervisor.table;

import grantlab.api.grant.FlatFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The flat formats of one machine, by the number with which set_version names them. */
public final class FlatFormats {
    private final Map<Integer, FlatFormat> byVersion = new TreeMap<>();

    /**
     * Takes what was made for this machine.
     *
     * @param formats each with its own version; version 1 must be among them, since every table starts with it
     */
    public FlatFormats(Iterable<FlatFormat> formats) {
        for (FlatFormat format : formats) {
            FlatFormat other = byVersion.put(format.version(), format);
            if (other != null) {
                throw new IllegalArgumentException("two flat formats call themselves version " + format.version());
            }
        }
        if (!byVersion.containsKey(1)) {
            throw new IllegalArgumentException("no flat format of version 1 is installed: every domain starts with it");
        }
    }

    /**
     * A format.
     *
     * @param version 1, 2, ...
     * @return null when no such format is installed
     */
    public @Nullable FlatFormat find(int version) {
        return byVersion.get(version);
    }

    /**
     * What every table starts with.
     *
     * @return version 1
     */
    public FlatFormat first() {
        FlatFormat first = byVersion.get(1);
        if (first == null) {
            throw new IllegalStateException("version 1 is gone");
        }
        return first;
    }
}
