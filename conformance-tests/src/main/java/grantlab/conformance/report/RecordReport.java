package grantlab.conformance.report;

import grantlab.conformance.record.FileOutcome;
import grantlab.conformance.record.FileOutcome.Failed;
import grantlab.conformance.record.FileOutcome.Recorded;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What came of recording scripts: what {@code grantlab record} prints. */
public final class RecordReport {
    private RecordReport() {}

    /** The document for programs. */
    record Document(int files, int failed, long answers, List<Entry> scripts) {}

    /** One script: either where its answers are, or why there are none. */
    record Entry(
            String script,
            @Nullable String recording,
            @Nullable Integer answers,
            @Nullable String before,
            @Nullable String failure,
            @Nullable String log) {
        private static Entry of(FileOutcome outcome) {
            return switch (outcome) {
                case Recorded recorded ->
                    new Entry(
                            recorded.script().toString(),
                            recorded.answersFile().toString(),
                            recorded.answers(),
                            recorded.before().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                            null,
                            null);
                case Failed failed ->
                    new Entry(
                            failed.script().toString(),
                            null,
                            null,
                            null,
                            failed.reason(),
                            failed.log().toString());
            };
        }
    }

    /**
     * Whether every script was recorded.
     *
     * @param outcomes of all scripts
     * @return true if so, and there was one
     */
    public static boolean isComplete(List<FileOutcome> outcomes) {
        return !outcomes.isEmpty() && failed(outcomes) == 0;
    }

    /**
     * For people.
     *
     * @param outcomes of all scripts
     * @param paint colours or none
     * @return lines, each with its end
     */
    public static String text(List<FileOutcome> outcomes, Paint paint) {
        StringBuilder out = new StringBuilder();
        for (FileOutcome outcome : outcomes) {
            boolean recorded = outcome instanceof Recorded;
            out.append(marked(recorded, outcome.toString(), paint)).append('\n');
        }
        String total =
                "total files=" + outcomes.size() + " failed=" + failed(outcomes) + " answers=" + answers(outcomes);
        return out.append(marked(isComplete(outcomes), total, paint))
                .append('\n')
                .toString();
    }

    private static String marked(boolean good, String text, Paint paint) {
        return good ? paint.good("✓ ") + text : paint.bad("✗ ") + text;
    }

    /**
     * For programs.
     *
     * @param outcomes of all scripts
     * @return a JSON object, indented
     */
    public static String json(List<FileOutcome> outcomes) {
        return JsonReport.indented(new Document(
                outcomes.size(),
                failed(outcomes),
                answers(outcomes),
                outcomes.stream().map(Entry::of).toList()));
    }

    private static int failed(List<FileOutcome> outcomes) {
        return (int) outcomes.stream().filter(Failed.class::isInstance).count();
    }

    private static long answers(List<FileOutcome> outcomes) {
        return outcomes.stream()
                .filter(Recorded.class::isInstance)
                .mapToLong(outcome -> ((Recorded) outcome).answers())
                .sum();
    }
}
