package grantlab.hypervisor.table;

import grantlab.api.grant.FlatFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The flat formats of one machine, by the number with which set_version names them. */
public final class FlatFormats {
    private final Map<Integer, FlatFormat> byVersion = new TreeMap<>();
    private final FlatFormat first;

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
        FlatFormat oldest = byVersion.get(1);
        if (oldest == null) {
            throw new IllegalArgumentException("no flat format of version 1 is installed: every domain starts with it");
        }
        first = oldest;
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
        return first;
    }
}
