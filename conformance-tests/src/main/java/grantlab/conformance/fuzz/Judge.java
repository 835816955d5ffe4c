package grantlab.conformance.fuzz;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Somebody whose answers are right. */
@FunctionalInterface
public interface Judge {
    /**
     * Asks.
     *
     * @param name of the script, for messages
     * @param script its text
     * @return answers by line number, each the whole line; nothing when the judge did not come to the end of the script
     * @throws IOException when the judge cannot be asked
     */
    Optional<Map<Integer, String>> answers(String name, String script) throws IOException;
}
