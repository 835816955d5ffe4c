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
                    String needs = String.join(
                            ", ",
                            promise.requirements().stream()
                                    .map(Requirement::text)
                                    .toList());
                    Columns.hanging(INDENT + "needs   ", needs)
                            .forEach(line -> out.append(paint.faint(line)).append('\n'));
                }
            }
            out.append('\n');
        }
        long count = catalogue.promises().count();
        int families = catalogue.families().size();
        out.append(count)
                .append(count == 1 ? " clause in " : " clauses in ")
                .append(families)
                .append(families == 1 ? " family\n" : " families\n");
        return out.toString();
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
