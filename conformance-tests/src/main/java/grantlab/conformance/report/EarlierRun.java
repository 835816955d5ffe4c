package grantlab.conformance.report;

import grantlab.conformance.MatrixResult;
import grantlab.conformance.Verdict;
import grantlab.hypervisor.ConfigurationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A run of which matrix.json is kept, for comparing a later one with it. */
public final class EarlierRun {
    private static final int SHOWN = 20;

    private final MatrixDocument document;

    private EarlierRun(MatrixDocument document) {
        this.document = document;
    }

    /**
     * Reads a report.
     *
     * @param json matrix.json of that run
     * @return the run
     * @throws IOException when it cannot be read
     * @throws ConfigurationException when it is no report of a matrix
     */
    public static EarlierRun read(Path json) throws IOException {
        return new EarlierRun(MatrixDocument.read(json));
    }

    /** What it said where a later run says something else. Cells that only one of both chose tell nothing, unless their clause is gone. */
    MatrixDocument.Earlier comparedWith(MatrixDocument later) {
        Map<String, String> verdicts = new LinkedHashMap<>();
        document.cells().forEach(cell -> verdicts.put(cell.name(), cell.verdict()));
        List<MatrixDocument.Change> changes = new ArrayList<>();
        for (MatrixDocument.Field cell : later.cells()) {
            String was = verdicts.get(cell.name());
            if (!Objects.equals(was, cell.verdict()) && (was != null || isBad(cell.verdict()))) {
                changes.add(new MatrixDocument.Change(cell.clause(), cell.combination(), was, cell.verdict()));
            }
        }
        return new MatrixDocument.Earlier(document.started(), changes, gone(later));
    }

    private List<String> gone(MatrixDocument later) {
        List<String> ids = ids(later);
        // Of families alone that this run looked at: what was not chosen is not gone.
        List<String> prefixes =
                later.families().stream().map(MatrixDocument.Row::prefix).toList();
        return document.families().stream()
                .filter(family -> prefixes.contains(family.prefix()))
                .flatMap(family -> family.clauses().stream())
                .map(MatrixDocument.Entry::id)
                .filter(id -> !ids.contains(id))
                .toList();
    }

    private static List<String> ids(MatrixDocument document) {
        return document.families().stream()
                .flatMap(family -> family.clauses().stream())
                .map(MatrixDocument.Entry::id)
                .toList();
    }

    /**
     * What differs, in lines for a terminal.
     *
     * @param result of the later run
     * @param paint colours or none
     * @return lines, each with its end
     */
    public String text(MatrixResult result, Paint paint) {
        MatrixDocument later = MatrixDocument.of(result, java.time.Instant.EPOCH);
        MatrixDocument.Earlier earlier = comparedWith(later);
        StringBuilder out = new StringBuilder();
        List<MatrixDocument.Change> worse =
                earlier.changes().stream().filter(change -> isBad(change.is())).toList();
        List<MatrixDocument.Change> better = earlier.changes().stream()
                .filter(change -> !isBad(change.is()) && isBad(change.was()))
                .toList();
        int others = earlier.changes().size() - worse.size() - better.size();
        String counts = worse.size() + " broken since, " + better.size() + " mended, " + others + " otherwise changed, "
                + earlier.gone().size() + " clauses gone";
        out.append("since ").append(earlier.started()).append(": ");
        out.append(worse.isEmpty() ? paint.good(counts) : paint.bad(counts)).append('\n');
        worse.stream().limit(SHOWN).forEach(change -> out.append(line("✗", change)));
        better.stream().limit(SHOWN).forEach(change -> out.append(line("✓", change)));
        return out.toString();
    }

    private static String line(String symbol, MatrixDocument.Change change) {
        return "  " + symbol + " " + change.clause() + " in " + change.combination() + " was "
                + (change.was() == null ? "not there" : change.was()) + "\n";
    }

    private static boolean isBad(@Nullable String verdict) {
        return Verdict.FAILED.text().equals(verdict) || Verdict.ERROR.text().equals(verdict);
    }
}
