package grantlab.conformance.script;

import java.util.List;
import java.util.Map;

/** How lines of one verb are written. */
interface Syntax {
    /** The keys that it takes and what each of them takes. */
    Map<String, Operand> keys();

    /** Keys without which a line of this verb means nothing. */
    default List<String> required() {
        return List.of();
    }

    /** Whether lines of it can be the elements of one hypercall. */
    default boolean isBatchable() {
        return false;
    }
}
