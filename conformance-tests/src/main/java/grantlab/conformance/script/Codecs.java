package grantlab.conformance.script;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.GrantFormat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The entries of the installed formats by the verbs that write them: {@code ent1}, {@code ent2}, {@code ent2t} of flat ones, {@code leaf} and {@code node} of trees.
 */
final class Codecs {
    /** Of no format. */
    static final Codecs NONE = new Codecs(List.of());

    private static final String PREFIX = "ent";

    private final List<EntryCodec> codecs = new ArrayList<>();
    private final Map<String, EntryCodec> nodes = new TreeMap<>();

    Codecs(Collection<? extends GrantFormat> formats) {
        for (GrantFormat format : formats) {
            if (format instanceof FlatFormat) {
                codecs.addAll(format.codecs());
            } else {
                format.codecs().forEach(codec -> nodes.putIfAbsent(codec.verb(), codec));
            }
        }
    }

    /**
     * An entry of trees.
     *
     * @param verb that writes it
     * @return null where no tree format is installed
     */
    @Nullable
    EntryCodec ofNode(String verb) {
        return nodes.get(verb);
    }

    /** All of them. */
    List<EntryCodec> all() {
        return codecs;
    }

    /** The ordinary entry of a version; of version 1 where there is no such version. */
    EntryCodec ofVersion(long version) {
        EntryCodec codec = named(PREFIX + version);
        if (codec == null) {
            codec = named(PREFIX + 1);
        }
        if (codec == null) {
            throw new IllegalStateException("no installed format has an entry of version " + version + " or 1");
        }
        return codec;
    }

    private @Nullable EntryCodec named(String verb) {
        for (EntryCodec codec : codecs) {
            if (codec.verb().equals(verb)) {
                return codec;
            }
        }
        return null;
    }
}
