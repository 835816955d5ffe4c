package grantlab.conformance.script;

import java.util.List;
import java.util.Map;

/**
 * What a script must keep to before it is run: verbs that exist, keys that they have, operands of the right form,
 * batches that are complete. A recording is not held to this: it says what it says.
 */
final class Grammar {
    private static final Map<String, Operand> BATCH_KEYS = Map.of("n", Operand.BATCH_SIZE, "count", Operand.NUMBER);

    /** What the recorder in C can hold of a line in a batch. */
    private static final int MAX_BATCHED_LINE = 255;

    private final Map<String, ? extends Syntax> verbs;

    /**
     * A grammar.
     *
     * @param verbs by their names, in the order in which messages list them
     */
    Grammar(Map<String, ? extends Syntax> verbs) {
        this.verbs = verbs;
    }

    /**
     * Checks all lines.
     *
     * @throws ScriptException for the first that is not right
     */
    void check(Script script) {
        List<Line> lines = script.lines();
        if (lines.isEmpty()) {
            throw new ScriptException(script.name(), "the script has no operation, so there is nothing to run");
        }
        for (int at = 0; at < lines.size(); at++) {
            Line line = lines.get(at);
            if (line.verb().equals(Verbs.BATCH)) {
                checkKeys(script, line, BATCH_KEYS, List.of("n"));
                checkBatch(script, line, lines.subList(at + 1, lines.size()));
            } else {
                checkLine(script, line);
            }
        }
    }

    private void checkLine(Script script, Line line) {
        Syntax verb = verbs.get(line.verb());
        if (verb == null) {
            throw new ScriptException(
                    script.name(),
                    line.number(),
                    "there is no verb '" + line.verb() + "'; the verbs are batch, "
                            + String.join(", ", verbs.keySet()));
        }
        if (Long.compareUnsigned(line.executor(), ScriptWorld.DOMAINS) >= 0) {
            throw new ScriptException(
                    script.name(), line.number(), "there is no domain d" + line.executor() + "; scripts have d0..d5");
        }
        checkKeys(script, line, verb.keys(), verb.required());
        line.arguments()
                .forEach((key, value) -> verb.misnomer(key, value).ifPresent(right -> {
                    throw new ScriptException(script.name(), line.number(), key + "=" + value + ": expected " + right);
                }));
    }

    private static void checkKeys(Script script, Line line, Map<String, Operand> keys, List<String> required) {
        line.arguments().forEach((key, value) -> {
            Operand operand = keys.get(key);
            if (operand == null) {
                String known = keys.isEmpty()
                        ? "no keys"
                        : String.join("=, ", keys.keySet().stream().sorted().toList()) + "=";
                throw new ScriptException(
                        script.name(), line.number(), line.verb() + " has no key '" + key + "='; it takes " + known);
            }
            if (!operand.accepts(value)) {
                throw new ScriptException(
                        script.name(), line.number(), key + "=" + value + ": expected " + operand.expected());
            }
        });
        keys.forEach((key, operand) -> {
            if (required.contains(key) && !line.has(key)) {
                throw new ScriptException(
                        script.name(), line.number(), line.verb() + " needs " + key + "=: " + operand.expected());
            }
        });
    }

    private void checkBatch(Script script, Line batch, List<Line> following) {
        int size = (int) new Reading(batch.arguments().getOrDefault("n", "0")).number();
        if (following.size() < size) {
            throw new ScriptException(
                    script.name(),
                    batch.number(),
                    "the batch wants " + size + " lines, the script has " + following.size() + " more");
        }
        Line first = following.getFirst();
        for (Line line : following.subList(0, size)) {
            Syntax verb = verbs.get(line.verb());
            if (verb == null || !verb.isBatchable()) {
                throw new ScriptException(
                        script.name(),
                        line.number(),
                        "'" + line.verb() + "' is no grant-table operation: it cannot be batched");
            }
            if (!line.verb().equals(first.verb()) || line.executor() != first.executor()) {
                throw new ScriptException(
                        script.name(), line.number(), "all lines of a batch have the same verb and the same domain");
            }
            if (line.text().length() > MAX_BATCHED_LINE) {
                throw new ScriptException(
                        script.name(), line.number(), "a line of a batch has at most " + MAX_BATCHED_LINE + " bytes");
            }
        }
    }
}
