package grantlab.conformance.report;

import grantlab.conformance.Catalogue;
import grantlab.conformance.Family;
import grantlab.conformance.Promise;
import grantlab.conformance.Requirement;
import java.util.List;

/** The catalogue of promises: what {@code grantlab clauses} prints. */
public final class CatalogueReport {
    private static final String INDENT = "          ";

    private CatalogueReport() {}

    /**
     * For people.
     *
     * @param catalogue what is promised
     * @param paint colours or none
     * @return lines, each with its end
     */
    public static String text(Catalogue catalogue, Paint paint) {
        StringBuilder out = new StringBuilder();
        for (Family family : catalogue.families()) {
            out.append(paint.strong(family.prefix() + "  " + family.title())).append('\n');
            for (Promise promise : family.promises()) {
                lines(out, Columns.hanging("  " + Columns.pad(promise.id(), 8), promise.text()));
                Columns.hanging(INDENT + "source  ", promise.source())
                        .forEach(line -> out.append(paint.faint(line)).append('\n'));
                promise.outOfScope()
                        .ifPresent(reason -> Columns.hanging(INDENT + "n/a     ", reason)
                                .forEach(line -> out.append(paint.faint(line)).append('\n')));
                if (!promise.requirements().isEmpty()) {
                    Columns.hanging(INDENT + "needs   ", needs(promise))
                            .forEach(line -> out.append(paint.faint(line)).append('\n'));
                }
            }
            out.append('\n');
        }
        return out.append(count(catalogue)).append('\n').toString();
    }

    private static String needs(Promise promise) {
        return String.join(
                ", ", promise.requirements().stream().map(Requirement::text).toList());
    }

    private static String count(Catalogue catalogue) {
        long count = catalogue.promises().count();
        int families = catalogue.families().size();
        return count
                + (count == 1 ? " clause in " : " clauses in ")
                + families
                + (families == 1 ? " family" : " families");
    }

    /**
     * For a page of documentation: a table for each family.
     *
     * @param catalogue what is promised
     * @return Markdown, lines with their ends
     */
    public static String markdown(Catalogue catalogue) {
        StringBuilder out = new StringBuilder("# What is promised\n\n");
        out.append(count(catalogue)).append(", as `grantlab clauses --markdown` writes them.\n");
        for (Family family : catalogue.families()) {
            out.append("\n## ").append(family.prefix()).append(": ").append(family.title());
            out.append("\n\n| clause | promise | needs | source |\n|---|---|---|---|\n");
            for (Promise promise : family.promises()) {
                String text = promise.outOfScope()
                        .map(reason -> promise.text() + " Not asked: " + reason)
                        .orElse(promise.text());
                out.append("| ").append(promise.id());
                for (String column : List.of(text, needs(promise), promise.source())) {
                    out.append(" | ").append(escaped(column));
                }
                out.append(" |\n");
            }
        }
        return out.toString();
    }

    /** Nothing in a cell of a table is the table's, or a tag. */
    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("|", "\\|")
                .replace("<", "&lt;")
                .replace("*", "\\*")
                .replace("_", "\\_");
    }

    private static void lines(StringBuilder out, List<String> lines) {
        lines.forEach(line -> out.append(line).append('\n'));
    }

    /**
     * For programs.
     *
     * @param catalogue what is promised
     * @return a JSON array of families, indented
     */
    public static String json(Catalogue catalogue) {
        return JsonReport.indented(
                catalogue.families().stream().map(MatrixDocument.Row::of).toList());
    }
}
