package grantlab.conformance.script;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one line, in the order of its text. They are few and there are many lines: side by side in one array
 * they are found sooner than in a map of nodes, most of which would come from memory that no cache holds.
 */
final class Arguments extends AbstractMap<String, String> {
    /** Key and value in turn. */
    private final String[] words;

    /**
     * Takes a copy.
     *
     * @param words key and value in turn, no key twice
     */
    Arguments(List<String> words) {
        this.words = words.toArray(String[]::new);
    }

    @Override
    public @Nullable String get(@Nullable Object key) {
        for (int at = 0; at < words.length; at += 2) {
            if (words[at].equals(key)) {
                return words[at + 1];
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        Set<Entry<String, String>> entries = new LinkedHashSet<>();
        for (int at = 0; at < words.length; at += 2) {
            entries.add(new SimpleImmutableEntry<>(words[at], words[at + 1]));
        }
        return Collections.unmodifiableSet(entries);
    }
}
