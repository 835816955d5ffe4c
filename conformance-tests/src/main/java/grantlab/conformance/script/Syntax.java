package grantlab.conformance.script;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How lines of one verb are written. */
interface Syntax {
    /** The keys that it takes and what each of them takes. */
    Map<String, Operand> keys();

    /** Keys without which a line of this verb means nothing. */
    default List<String> required() {
        return List.of();
    }

    /**
     * What a value of the right form says that there is not: the name of a flag that the verb does not have.
     *
     * @param key one of {@link #keys}
     * @param value accepted by its operand
     * @return what would have been right, or nothing
     */
    default Optional<String> misnomer(String key, String value) {
        return Optional.empty();
    }

    /** Whether lines of it can be the elements of one hypercall. */
    default boolean isBatchable() {
        return false;
    }
}
