package grantlab.conformance.script;

import java.util.List;
import java.util.Map;

/** What a line can do. */
interface Verb {
    /** The keys that it takes and what each of them takes. */
    Map<String, Operand> keys();

    /** Keys without which a line of this verb means nothing. */
    default List<String> required() {
        return List.of();
    }

    /** Does it, and completes the result. */
    void execute(Operation operation);
}
