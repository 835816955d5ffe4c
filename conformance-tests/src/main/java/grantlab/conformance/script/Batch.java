package grantlab.conformance.script;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lines that together are one hypercall. */
final class Batch {
    private static final int MAX_SIZE = 96;

    private final Line head;
    private final int size;
    private final List<Line> lines = new ArrayList<>();

    private Batch(Line head, int size) {
        this.head = head;
        this.size = size;
    }

    /**
     * Begins a batch.
     *
     * @param head the line {@code batch n=K}
     * @return null when it wants no line
     */
    static @Nullable Batch begin(Line head) {
        int size = (int) number(head, "n", 1);
        return size == 0 ? null : new Batch(head, Math.min(size, MAX_SIZE));
    }

    void add(Line line) {
        lines.add(line);
    }

    List<Line> lines() {
        return lines;
    }

    boolean isComplete() {
        return lines.size() == size;
    }

    /** Whether the call has more elements than there are lines. */
    boolean goesBeyondLines() {
        return number(head, "count", 0) > lines.size();
    }

    /** Makes the call and prints its result, then one line for each element. */
    void execute(ScriptWorld world, Verbs verbs, Consumer<String> output) {
        Result result = new Result(head.number(), Verbs.BATCH);
        Line first = lines.getFirst();
        Context executor = world.created(first.executor());
        if (!(verbs.named(first.verb()) instanceof BatchVerb verb)
                || executor == null
                || executor.dead()
                || !isUniform(world)) {
            output.accept(result.word("bad").toString());
            return;
        }
        List<Operation> operations = new ArrayList<>();
        for (Line line : lines) {
            operations.add(new Operation(world, line, executor));
        }
        long count = number(head, "count", 0);
        ElementCall call = verb.call(operations);
        result.rc(call.enter(count != 0 ? count : operations.size()));
        call.tell();
        output.accept(result.toString());
        operations.forEach(operation -> output.accept(operation.result.toString()));
    }

    private boolean isUniform(ScriptWorld world) {
        Line first = lines.getFirst();
        for (Line line : lines) {
            if (!line.verb().equals(first.verb())
                    || world.created(line.executor()) != world.created(first.executor())) {
                return false;
            }
        }
        return true;
    }

    private static long number(Line line, String key, long absent) {
        String text = line.argument(key);
        return text == null ? absent : new Reading(text).number();
    }
}
