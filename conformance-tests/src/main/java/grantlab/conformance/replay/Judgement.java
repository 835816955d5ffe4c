package grantlab.conformance.replay;

import grantlab.conformance.script.Line;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is answered here, judged line by line as it comes, by what Xen answered. One thread. */
final class Judgement implements Consumer<String> {
    private final Recording recording;
    private final Map<Integer, String> expected;

    /** The same by line number, as far as the script goes: at hand while it runs. */
    private final @Nullable String[] expectedOf;

    private final boolean trees;
    private final BitSet answered = new BitSet();

    /** What was answered differently, or of which Xen said nothing. */
    private final Map<Integer, String> others = new TreeMap<>();

    private int agreements;

    /**
     * Of a recording of which nothing was answered yet.
     *
     * @param trees whether who answers knows the calls of grants v3
     */
    Judgement(Recording recording, boolean trees) {
        this.recording = recording;
        this.expected = recording.answers();
        List<Line> lines = recording.script().lines();
        expectedOf = new String[lines.isEmpty() ? 0 : lines.getLast().number() + 1];
        expected.forEach((line, answer) -> {
            if (line < expectedOf.length) {
                expectedOf[line] = answer;
            }
        });
        this.trees = trees;
    }

    /** Takes a result line; remarks are nobody's answer, and of two answers to a line the first counts. */
    @Override
    public void accept(String answer) {
        int line = Answers.lineNumber(answer);
        if (line == 0 || answered.get(line)) {
            return;
        }
        answered.set(line);
        if (agrees(line, answer)) {
            agreements++;
        } else {
            others.put(line, answer);
        }
    }

    private boolean agrees(int line, String answer) {
        String xens = line < expectedOf.length ? expectedOf[line] : null;
        return answer.equals(xens) || (trees && xens != null && isNewcomer(line, xens, answer));
    }

    private boolean isNewcomer(int line, String xens, String answer) {
        return recording.script().lines().stream()
                .filter(operation -> operation.number() == line)
                .anyMatch(operation -> Newcomers.refuse(operation, xens, answer));
    }

    /**
     * All was answered that is going to be.
     *
     * @param nanos how long it took to answer and judge
     * @param shown how many differences are kept at most
     */
    FileReport report(long nanos, int shown) {
        for (int line : expected.keySet()) {
            if (!answered.get(line)) {
                others.put(line, Difference.NO_ANSWER);
            }
        }
        int surplus = (int) others.keySet().stream()
                .filter(line -> !expected.containsKey(line))
                .count();
        return new FileReport(recording.file(), expected.size(), agreements, surplus, differences(shown), nanos);
    }

    private List<Difference> differences(int shown) {
        List<Difference> differences = new ArrayList<>();
        if (others.isEmpty()) {
            return differences;
        }
        Map<Integer, Line> operations =
                recording.script().lines().stream().collect(Collectors.toMap(Line::number, Function.identity()));
        others.entrySet().stream().limit(shown).forEach(other -> {
            Line operation = operations.get(other.getKey());
            differences.add(new Difference(
                    recording.file(),
                    other.getKey(),
                    operation == null ? "(no operation)" : operation.text(),
                    expected.getOrDefault(other.getKey(), Difference.NO_ANSWER),
                    other.getValue()));
        });
        return differences;
    }
}
