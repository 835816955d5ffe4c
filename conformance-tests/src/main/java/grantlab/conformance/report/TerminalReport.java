package grantlab.conformance.report;

import grantlab.conformance.Cell;
import grantlab.conformance.Choice;
import grantlab.conformance.Combination;
import grantlab.conformance.Family;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Member;
import grantlab.conformance.Outcome;
import grantlab.conformance.Tally;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The grid of families and combinations, the verdict, and what broke, within 100 columns. */
public final class TerminalReport {
    private static final int GAP = 2;
    private static final int NARROWEST = 7;
    private static final int FAILURES_SHOWN = 20;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int REQUEST_WIDTH = 36;

    /** Combinations with a transport that are still columns. */
    private static final int MOST_OVER_TRANSPORTS = 8;

    /** Width of a field of all paging modes. */
    private static final int FOLDED = 9;

    private static final Tally NOTHING = new Tally(0, 0, 0, 0);

    private final MatrixResult result;
    private final Paint paint;

    /** By row and column: a matrix has many cells. */
    private final Map<String, Tally> tallies;

    private final StringBuilder out = new StringBuilder();

    private TerminalReport(MatrixResult result, Paint paint) {
        this.result = result;
        this.paint = paint;
        Map<String, String> rows = new HashMap<>();
        result.families()
                .forEach(family -> family.promises().forEach(promise -> rows.put(promise.id(), family.prefix())));
        Map<String, List<Cell>> fields = new HashMap<>();
        for (Cell cell : result.cells()) {
            String field =
                    rows.get(cell.promise().id()) + " " + cell.combination().name();
            fields.computeIfAbsent(field, any -> new ArrayList<>()).add(cell);
        }
        this.tallies = new HashMap<>();
        fields.forEach((field, cells) -> tallies.put(field, Tally.of(cells)));
    }

    private Tally tally(Family family, Combination combination) {
        return tallies.getOrDefault(family.prefix() + " " + combination.name(), NOTHING);
    }

    /**
     * Renders.
     *
     * @param result of a matrix
     * @param paint colours or none
     * @return lines, each with its end
     */
    public static String of(MatrixResult result, Paint paint) {
        TerminalReport report = new TerminalReport(result, paint);
        report.grid();
        report.requests();
        report.verdict();
        report.failures();
        return report.out.toString();
    }

    // ---- the grid, in blocks that fit the width

    private void grid() {
        int labels = result.families().stream()
                .mapToInt(family -> label(family).length())
                .max()
                .orElse(0);
        List<Combination> block = new ArrayList<>();
        for (Combination combination : columns()) {
            boolean begins = !block.isEmpty()
                    && !combination.formats().equals(block.getLast().formats());
            boolean fits = labels + width(block) + GAP + width(combination) <= Columns.WIDTH;
            if (!block.isEmpty() && (!fits || (begins && !fits(block, combination, labels)))) {
                block(block, labels);
                block.clear();
            }
            block.add(combination);
        }
        if (!block.isEmpty()) {
            block(block, labels);
        }
        if (folds()) {
            transports();
        }
    }

    private List<Combination> overTransports() {
        return result.combinations().stream()
                .filter(combination -> combination.member(Member.TRANSPORT) != null)
                .toList();
    }

    /** A few combinations with transports are columns like the rest; many are a table of their own. */
    private boolean folds() {
        return overTransports().size() > MOST_OVER_TRANSPORTS;
    }

    private List<Combination> columns() {
        List<Combination> columns = new ArrayList<>(result.combinations());
        if (folds()) {
            columns.removeAll(overTransports());
        }
        return columns;
    }

    /** A line for each transport, IOMMU and layout of queues; all paging modes of a format are one field. */
    private void transports() {
        List<Combination> over = overTransports();
        List<String> formats =
                over.stream().map(Combination::formats).distinct().toList();
        List<String> lines =
                over.stream().map(Combination::others).distinct().sorted().toList();
        int width = lines.stream().mapToInt(String::length).max().orElse(0) + GAP;
        for (Family family : result.families()) {
            if (!runs(family, over)) {
                continue;
            }
            StringBuilder head = new StringBuilder(
                    Columns.pad(label(family), Math.max(width, label(family).length())));
            formats.forEach(format -> head.append(" ".repeat(GAP)).append(Columns.pad(format, FOLDED)));
            line(paint.strong(head.toString().stripTrailing()));
            for (String others : lines) {
                StringBuilder row = new StringBuilder(Columns.pad(
                        " ".repeat(GAP) + others, Math.max(width, label(family).length())));
                for (String format : formats) {
                    Tally tally = over.stream()
                            .filter(combination -> combination.formats().equals(format)
                                    && combination.others().equals(others))
                            .map(combination -> tally(family, combination))
                            .reduce(NOTHING, Tally::plus);
                    String text = text(tally);
                    row.append(" ".repeat(GAP))
                            .append(painted(tally, text))
                            .append(" ".repeat(Math.max(0, FOLDED - text.length())));
                }
                line(row.toString().stripTrailing());
            }
            line("");
        }
    }

    /** All columns with the formats of one, beside those that are there already. */
    private boolean fits(List<Combination> block, Combination first, int labels) {
        List<Combination> group = columns().stream()
                .filter(other -> other.formats().equals(first.formats()))
                .toList();
        return labels + width(block) + width(group) <= Columns.WIDTH;
    }

    private static int width(List<Combination> columns) {
        return columns.stream().mapToInt(column -> GAP + width(column)).sum();
    }

    private void block(List<Combination> columns, int labels) {
        if (result.families().stream().noneMatch(family -> isShown(family, columns))) {
            return;
        }
        StringBuilder formats = new StringBuilder(" ".repeat(labels));
        StringBuilder pagings = new StringBuilder(" ".repeat(labels));
        StringBuilder others = new StringBuilder(" ".repeat(labels));
        String format = "";
        for (Combination column : columns) {
            String own = column.formats();
            formats.append(" ".repeat(GAP)).append(Columns.pad(own.equals(format) ? "" : own, width(column)));
            pagings.append(" ".repeat(GAP)).append(Columns.pad(column.pagings(), width(column)));
            others.append(" ".repeat(GAP)).append(Columns.pad(column.others(), width(column)));
            format = own;
        }
        line(paint.strong(formats.toString().stripTrailing()));
        line(paint.strong(pagings.toString().stripTrailing()));
        if (!others.toString().isBlank()) {
            line(paint.strong(others.toString().stripTrailing()));
        }
        for (Family family : result.families()) {
            if (!isShown(family, columns)) {
                continue;
            }
            StringBuilder row = new StringBuilder(Columns.pad(label(family), labels));
            for (Combination column : columns) {
                String text = field(family, column);
                row.append(" ".repeat(GAP))
                        .append(painted(family, column, text))
                        .append(" ".repeat(width(column) - text.length()));
            }
            line(row.toString().stripTrailing());
        }
        line("");
    }

    /** Where nothing of a family is applicable it is left out; if it is so everywhere, the first block tells. */
    private boolean isShown(Family family, List<Combination> columns) {
        boolean first = columns.getFirst().equals(result.combinations().getFirst());
        return runs(family, columns) || (first && !runs(family, result.combinations()));
    }

    private boolean runs(Family family, List<Combination> columns) {
        return columns.stream().anyMatch(column -> tally(family, column).run() > 0);
    }

    private static int width(Combination combination) {
        return Stream.of(combination.pagings(), combination.formats(), combination.others())
                .mapToInt(String::length)
                .reduce(NARROWEST, Math::max);
    }

    private String label(Family family) {
        int prefixes = result.families().stream()
                .mapToInt(other -> other.prefix().length())
                .max()
                .orElse(0);
        return Columns.pad(family.prefix(), prefixes) + "  " + family.title();
    }

    private String field(Family family, Combination combination) {
        return text(tally(family, combination));
    }

    private static String text(Tally tally) {
        if (tally.run() == 0) {
            return "n/a";
        }
        return tally.passed() + "/" + tally.run() + (tally.bad() > 0 ? " ✗" : "");
    }

    private String painted(Family family, Combination combination, String text) {
        return painted(tally(family, combination), text);
    }

    private String painted(Tally tally, String text) {
        if (tally.run() == 0) {
            return paint.faint(text);
        }
        return tally.bad() > 0 ? paint.bad(text) : paint.good(text);
    }

    // ---- what requests of devices took

    private void requests() {
        RequestTable table = new RequestTable();
        for (Cell cell : result.cells()) {
            Choice transport = cell.combination().member(Member.TRANSPORT);
            String name = transport == null ? "" : transport.name();
            cell.cost().requests().forEach(cost -> table.add(name, cost));
        }
        Map<String, List<RequestTable.Row>> rows = table.rows();
        if (rows.isEmpty()) {
            return;
        }
        line(paint.strong(requestLine("what a request takes", RequestTable.HEADS)));
        rows.forEach((request, alike) -> {
            line(request);
            alike.forEach(row -> line(requestLine(" ".repeat(GAP) + row.transport(), row.numbers())));
        });
        line("");
    }

    private static String requestLine(String request, List<?> numbers) {
        StringBuilder text = new StringBuilder(Columns.pad(request, REQUEST_WIDTH));
        for (Object number : numbers) {
            text.append(String.format(Locale.ROOT, "%8s", number));
        }
        return text.toString();
    }

    // ---- the verdict

    private void verdict() {
        Tally tally = result.tally();
        String counts = tally.passed() + " kept, " + tally.failed() + " broken, "
                + (tally.errors() == 0 ? "" : tally.errors() + (tally.errors() == 1 ? " error, " : " errors, "))
                + tally.notApplicable() + " not applicable";
        String painted = result.success() ? paint.good("✓ " + counts) : paint.bad("✗ " + counts);
        line(painted
                + paint.faint(String.format(
                        Locale.ROOT, "   %.1f s, seed %d", result.nanos() / NANOS_PER_SECOND, result.seed())));
        if (!result.ranAnything()) {
            line(paint.bad("no clause is applicable in the chosen combinations: nothing was shown"));
        }
    }

    // ---- what broke

    private void failures() {
        // The same failure of one clause in several combinations is told once.
        Map<List<String>, List<Cell>> alike = new LinkedHashMap<>();
        for (Cell cell : result.broken()) {
            if (cell.outcome() instanceof Outcome.Failed failed) {
                List<String> key = List.of(cell.promise().id(), failed.message(), failed.location());
                alike.computeIfAbsent(key, any -> new ArrayList<>()).add(cell);
            }
        }
        alike.values().stream().limit(FAILURES_SHOWN).forEach(this::failure);
        if (alike.size() > FAILURES_SHOWN) {
            line("");
            line("... and " + (alike.size() - FAILURES_SHOWN) + " more, all in the reports");
        }
    }

    private void failure(List<Cell> alike) {
        Cell first = alike.getFirst();
        String combinations = String.join(
                ", ", alike.stream().map(cell -> cell.combination().name()).toList());
        line("");
        List<String> head =
                Columns.hanging(first.verdict().symbol() + " " + first.promise().id() + " in ", combinations);
        line(paint.bad(head.getFirst()));
        head.stream().skip(1).forEach(this::line);
        if (first.outcome() instanceof Outcome.Failed failed) {
            FailureText.summary(first, failed).forEach(this::wrapped);
        }
    }

    /** The first word of a line names what follows. */
    private void wrapped(String text) {
        int after = FailureText.LABEL;
        Columns.hanging("  " + text.substring(0, after), text.substring(after)).forEach(this::line);
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}
