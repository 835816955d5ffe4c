package grantlab.conformance.script;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.GrantFormat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of the installed flat formats by the verbs that write them: {@code ent1}, {@code ent2}, {@code ent2t}.
 */
final class Codecs {
    /** Of no format. */
    static final Codecs NONE = new Codecs(List.of());

    private static final String PREFIX = "ent";

    private final List<EntryCodec> codecs = new ArrayList<>();

    Codecs(Collection<? extends GrantFormat> formats) {
        for (GrantFormat format : formats) {
            if (format instanceof FlatFormat) {
                codecs.addAll(format.codecs());
            }
        }
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
