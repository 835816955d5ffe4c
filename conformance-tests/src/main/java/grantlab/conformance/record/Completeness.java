package grantlab.conformance.record;

import grantlab.conformance.script.Line;
import grantlab.conformance.script.Script;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether every line of a script was answered, and nothing else. */
final class Completeness {
    private static final String BATCH = "batch";

    /** The one answer that stands for those of all lines of a batch. */
    private static final String REFUSED = "bad";

    private Completeness() {}

    /**
     * Looks for what is wrong.
     *
     * @param script what was asked
     * @param answers by line number
     * @return the first thing that is, in words
     */
    static Optional<String> gap(Script script, Map<Integer, String> answers) {
        Map<Integer, String> unexpected = new HashMap<>(answers);
        List<Line> lines = script.lines();
        int silent = 0;
        for (Line line : lines) {
            if (silent > 0) {
                silent--;
                continue;
            }
            String answer = unexpected.remove(line.number());
            String head = line.number() + " " + line.verb();
            if (answer == null) {
                return Optional.of("Xen left line " + line.number() + " without an answer");
            }
            if (!answer.equals(head) && !answer.startsWith(head + " ")) {
                return Optional.of("expected an answer '" + head + " ...', Xen gave '" + answer + "'");
            }
            if (line.verb().equals(BATCH) && answer.equals(head + " " + REFUSED)) {
                silent = Integer.parseInt(line.arguments().getOrDefault("n", "1"));
            }
        }
        return unexpected.values().stream()
                .findFirst()
                .map(answer -> "Xen answered a line that is no operation: '" + answer + "'");
    }
}
