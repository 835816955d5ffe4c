package grantlab.conformance.report;

import grantlab.conformance.Cell;
import grantlab.conformance.Combination;
import grantlab.conformance.Family;
import grantlab.conformance.MatrixResult;
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

/**
 * matrix.html: one page without anything from outside. The grid is in the page as it is written; the rest it shows from
 * the same document that matrix.json is.
 */
public final class HtmlReport {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final double NANOS_PER_SECOND = 1e9;

    private final MatrixResult result;
    private final Instant started;

    private HtmlReport(MatrixResult result, Instant started) {
        this.result = result;
        this.started = started;
    }

    /**
     * Renders.
     *
     * @param result of a matrix
     * @param started when it began
     * @return an HTML document
     */
    public static String of(MatrixResult result, Instant started) {
        // The template comes as text: a named module keeps its resources to itself.
        PebbleEngine engine = new PebbleEngine.Builder()
                .loader(new StringLoader())
                .strictVariables(true)
                .build();
        StringWriter page = new StringWriter();
        try {
            engine.getLiteralTemplate(resource("matrix.html.peb"))
                    .evaluate(page, new HtmlReport(result, started).page());
        } catch (IOException e) {
            throw new UncheckedIOException("a string can always be written to", e);
        }
        return page.toString();
    }

    private Map<String, Object> page() {
        Tally tally = result.tally();
        return Map.ofEntries(
                Map.entry("style", resource("matrix.css")),
                Map.entry("script", resource("matrix.js")),
                // No text inside may end the element that holds it.
                Map.entry(
                        "document",
                        JsonReport.compact(MatrixDocument.of(result, started)).replace("<", "\\u003c")),
                Map.entry("success", result.success()),
                Map.entry("headline", headline(tally)),
                Map.entry("kept", tally.passed()),
                Map.entry("broken", tally.failed()),
                Map.entry("errors", tally.errors()),
                Map.entry("notApplicable", tally.notApplicable()),
                Map.entry(
                        "clauses",
                        result.families().stream()
                                .mapToInt(family -> family.promises().size())
                                .sum()),
                Map.entry("columns", result.combinations().size()),
                Map.entry("xenRelease", result.settings().xenRelease()),
                Map.entry("memory", result.settings().memory()),
                Map.entry("seed", String.valueOf(result.seed())),
                Map.entry("started", DAY.format(started)),
                Map.entry("seconds", String.format(Locale.ROOT, "%.1f", result.nanos() / NANOS_PER_SECOND)),
                Map.entry("formats", formats()),
                Map.entry("combinations", combinations()),
                Map.entry("families", families()));
    }

    private String headline(Tally tally) {
        if (!result.ranAnything()) {
            return "Nothing was applicable.";
        }
        if (tally.bad() == 0) {
            return "Every promise is kept.";
        }
        long promises = result.broken().stream().map(Cell::promise).distinct().count();
        return promises == 1 ? "One promise is broken." : promises + " promises are broken.";
    }

    /** The upper line of the grid's head: each format over its pairs. */
    private List<Map<String, Object>> formats() {
        List<Map<String, Object>> formats = new ArrayList<>();
        String name = "";
        int span = 0;
        for (Combination combination : result.combinations()) {
            if (!combination.formats().equals(name) && span > 0) {
                formats.add(Map.of("name", name, "span", span));
                span = 0;
            }
            name = combination.formats();
            span++;
        }
        formats.add(Map.of("name", name, "span", span));
        return formats;
    }

    private List<Map<String, Object>> combinations() {
        return result.combinations().stream()
                .map(combination -> Map.<String, Object>of(
                        "name", combination.name(),
                        "granter", combination.granterPaging().name(),
                        "grantee", combination.granteePaging().name(),
                        "others", combination.others()))
                .toList();
    }

    private List<Map<String, Object>> families() {
        return result.families().stream()
                .map(family -> Map.of(
                        "prefix", family.prefix(),
                        "title", family.title(),
                        "fields", fields(family)))
                .toList();
    }

    private List<Map<String, Object>> fields(Family family) {
        return result.combinations().stream()
                .map(combination -> field(family, combination))
                .toList();
    }

    private Map<String, Object> field(Family family, Combination combination) {
        Tally tally = Tally.of(result.cells(family, combination));
        String kind = tally.run() == 0 ? "none" : tally.bad() > 0 ? "bad" : "good";
        String label = family.title() + " in " + combination.name() + ": "
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
                "#" + combination.name() + "/" + family.prefix());
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
