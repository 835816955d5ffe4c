package grantlab.conformance.script;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a script.
 *
 * @param number of the line in its file, from 1
 * @param executor number of the domain that executes it; 0 unless the line says {@code @dK}
 * @param verb what to do
 * @param arguments values by key, in the order of the text
 * @param text the whole line
 */
public record Line(int number, long executor, String verb, Map<String, String> arguments, String text) {
    /**
     * An argument.
     *
     * @param key its name
     * @return its text, or null when the line does not have it
     */
    @Nullable
    String argument(String key) {
        return arguments.get(key);
    }

    /**
     * An argument that is a number.
     *
     * @param key its name
     * @return its value, 0 when the line does not have it or it is no number
     */
    public long number(String key) {
        String text = arguments.get(key);
        return text == null ? 0 : new Reading(text).number();
    }

    /**
     * Whether an argument is given.
     *
     * @param key its name
     * @return true if so
     */
    boolean has(String key) {
        return arguments.containsKey(key);
    }
}
