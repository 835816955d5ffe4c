package grantlab.conformance.report;

import grantlab.conformance.MatrixResult;
import grantlab.conformance.Member;
import grantlab.conformance.RequestCost;
import grantlab.conformance.Tally;
import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.StringLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * matrix.html: one page without anything from outside. The grid is in the page as it is written; the rest it shows from
 * the same document that matrix.json is.
 */
public final class HtmlReport {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final MatrixDocument document;

    private HtmlReport(MatrixDocument document) {
        this.document = document;
    }

    /**
     * Renders.
     *
     * @param result of a matrix
     * @param started when it began
     * @return an HTML document
     */
    public static String of(MatrixResult result, Instant started) {
        return of(MatrixDocument.of(result, started));
    }

    static String of(MatrixDocument document) {
        // The template comes as text: a named module keeps its resources to itself.
        PebbleEngine engine = new PebbleEngine.Builder()
                .loader(new StringLoader())
                .strictVariables(true)
                .build();
        StringWriter page = new StringWriter();
        try {
            engine.getLiteralTemplate(resource("matrix.html.peb")).evaluate(page, new HtmlReport(document).page());
        } catch (IOException e) {
            throw new UncheckedIOException("a string can always be written to", e);
        }
        return page.toString();
    }

    private Map<String, Object> page() {
        Tally tally = document.tally();
        return Map.ofEntries(
                Map.entry("style", resource("matrix.css")),
                Map.entry("script", resource("matrix.js")),
                // No text inside may end the element that holds it.
                Map.entry("document", JsonReport.compact(document).replace("<", "\\u003c")),
                Map.entry("success", document.success()),
                Map.entry("headline", headline(tally)),
                Map.entry("kept", tally.passed()),
                Map.entry("broken", tally.failed()),
                Map.entry("errors", tally.errors()),
                Map.entry("notApplicable", tally.notApplicable()),
                Map.entry(
                        "clauses",
                        document.families().stream()
                                .mapToInt(family -> family.clauses().size())
                                .sum()),
                Map.entry("columns", document.combinations().size()),
                Map.entry("shard", document.shard() == null ? "" : document.shard()),
                Map.entry("xenRelease", document.xenRelease()),
                Map.entry("memory", document.memory()),
                Map.entry("seed", String.valueOf(document.seed())),
                Map.entry("started", DAY.format(Instant.parse(document.started()))),
                Map.entry("seconds", String.format(Locale.ROOT, "%.1f", document.seconds())),
                Map.entry("formats", formats()),
                Map.entry("combinations", combinations()),
                Map.entry("families", families()),
                Map.entry("requestHeads", RequestTable.HEADS),
                Map.entry("requests", requests()));
    }

    /** As maps: the engine of the template sees no class of ours. */
    private List<Map<String, Object>> requests() {
        RequestTable table = new RequestTable();
        Map<String, String> transports = document.combinations().stream()
                .collect(Collectors.toMap(MatrixDocument.Column::name, column -> column.member(Member.TRANSPORT)));
        for (MatrixDocument.Field cell : document.cells()) {
            MatrixDocument.Costs costs = cell.cost();
            List<RequestCost> told = costs == null ? null : costs.requests();
            if (told != null) {
                told.forEach(cost -> table.add(transports.getOrDefault(cell.combination(), ""), cost));
            }
        }
        List<Map<String, Object>> requests = new ArrayList<>();
        table.rows()
                .forEach((request, rows) -> requests.add(Map.of(
                        "request",
                        request,
                        "rows",
                        rows.stream()
                                .map(row -> Map.of("transport", row.transport(), "numbers", row.numbers()))
                                .toList())));
        return requests;
    }

    private String headline(Tally tally) {
        if (tally.run() == 0) {
            return "Nothing was applicable.";
        }
        if (tally.bad() == 0) {
            return "Every promise is kept.";
        }
        long promises = document.brokenClauses();
        return promises == 1 ? "One promise is broken." : promises + " promises are broken.";
    }

    /** The upper line of the grid's head: each format over its pairs. */
    private List<Map<String, Object>> formats() {
        List<Map<String, Object>> formats = new ArrayList<>();
        String name = "";
        int span = 0;
        for (MatrixDocument.Column column : document.combinations()) {
            if (!column.formats().equals(name) && span > 0) {
                formats.add(Map.of("name", name, "span", span));
                span = 0;
            }
            name = column.formats();
            span++;
        }
        formats.add(Map.of("name", name, "span", span));
        return formats;
    }

    private List<Map<String, Object>> combinations() {
        return document.combinations().stream()
                .map(column -> Map.<String, Object>of(
                        "name", column.name(),
                        "granter", column.member(Member.GRANTER),
                        "grantee", column.member(Member.GRANTEE),
                        "others", column.others()))
                .toList();
    }

    private List<Map<String, Object>> families() {
        Map<String, List<MatrixDocument.Field>> fields = document.cells().stream()
                .collect(Collectors.groupingBy(cell -> place(prefix(cell), cell.combination())));
        return document.families().stream()
                .map(family -> Map.of(
                        "prefix", family.prefix(),
                        "title", family.title(),
                        "fields",
                                document.combinations().stream()
                                        .map(column -> field(
                                                family,
                                                column,
                                                fields.getOrDefault(place(family.prefix(), column.name()), List.of())))
                                        .toList()))
                .toList();
    }

    private static String prefix(MatrixDocument.Field cell) {
        return cell.clause().substring(0, cell.clause().lastIndexOf('-'));
    }

    private static String place(String family, String combination) {
        return family + " " + combination;
    }

    private static Map<String, Object> field(
            MatrixDocument.Row family, MatrixDocument.Column column, List<MatrixDocument.Field> cells) {
        Tally tally = MatrixDocument.tally(cells);
        String kind = tally.run() == 0 ? "none" : tally.bad() > 0 ? "bad" : "good";
        String label = family.title() + " in " + column.name() + ": "
                + (tally.run() == 0
                        ? "not applicable"
                        : tally.passed() + " of " + tally.run() + " kept"
                                + (tally.notApplicable() > 0 ? ", " + tally.notApplicable() + " not applicable" : ""));
        return Map.of(
                "kind",
                kind,
                "symbol",
                tally.run() == 0 ? "–" : tally.bad() > 0 ? "✗" : "✓",
                "text",
                tally.run() == 0 ? "n/a" : tally.passed() + "/" + tally.run(),
                "label",
                label,
                "link",
                "#" + column.name() + "/" + family.prefix());
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the kit lacks its own resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
