package grantlab.conformance.report;

import grantlab.conformance.fuzz.CampaignPlan;
import grantlab.conformance.fuzz.CampaignResult;
import grantlab.conformance.fuzz.Combination;
import grantlab.conformance.fuzz.Culprit;
import grantlab.conformance.fuzz.Mode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** What came of a campaign, for a terminal and for programs. */
public final class FuzzReport {
    private static final int WIDTH = 118;
    private static final double NANOS = 1e9;

    private FuzzReport() {}

    /**
     * For a person.
     *
     * @param result of a campaign
     * @param combinations in which each script ran
     * @param paint colours or none
     */
    public static String text(CampaignResult result, List<Combination> combinations, Paint paint) {
        StringBuilder text = new StringBuilder();
        text.append(reached(result.reached()));
        for (Culprit culprit : result.culprits()) {
            text.append('\n')
                    .append(paint.bad("✗ "))
                    .append(culprit.discovery())
                    .append('\n');
            text.append(culprit.least().indent(4));
        }
        text.append(String.format(
                Locale.ROOT,
                "%n%sseed %d: %,d operations in %,d scripts, each with %s, in %.1f s: %,d a second; %s%n",
                result.clean() ? paint.good("✓ ") : paint.bad("✗ "),
                result.plan().seed(),
                result.operations(),
                result.scripts(),
                combinations,
                result.elapsed().toNanos() / NANOS,
                result.rate(),
                result.clean() ? "nothing found" : result.culprits().size() + " found"));
        return text.toString();
    }

    /** One verb a paragraph: how it was answered, and how often. */
    private static String reached(Map<String, Map<String, Long>> reached) {
        StringBuilder text = new StringBuilder();
        reached.forEach((verb, outcomes) -> {
            String name = String.format("%-13s", verb);
            StringJoiner line = new StringJoiner("  ", name + " ", "\n");
            int width = name.length();
            for (Map.Entry<String, Long> outcome : outcomes.entrySet()) {
                String cell = outcome.getKey().replace("status=", "").replace("rc=0 ", "") + ":" + outcome.getValue();
                if (width + cell.length() > WIDTH) {
                    text.append(line);
                    line = new StringJoiner("  ", " ".repeat(name.length()) + " ", "\n");
                    width = name.length();
                }
                line.add(cell);
                width += cell.length() + 2;
            }
            text.append(line);
        });
        return text.toString();
    }

    /** What programs read. */
    private record Document(
            long seed,
            List<String> modes,
            List<String> combinations,
            long scripts,
            long operations,
            double seconds,
            long operationsPerSecond,
            List<Found> found,
            Map<String, Map<String, Long>> reached) {}

    /** One discovery. */
    private record Found(
            String rule,
            String where,
            int line,
            String operation,
            String message,
            String mode,
            long seed,
            String script) {
        static Found of(Culprit culprit) {
            return new Found(
                    culprit.discovery().rule(),
                    culprit.discovery().where(),
                    culprit.discovery().line(),
                    culprit.discovery().operation(),
                    culprit.discovery().message(),
                    culprit.mode().word(),
                    culprit.seed(),
                    culprit.least());
        }
    }

    /**
     * For programs.
     *
     * @param result of a campaign
     * @param combinations in which each script ran
     * @return a JSON object, indented
     */
    public static String json(CampaignResult result, List<Combination> combinations) {
        CampaignPlan plan = result.plan();
        return JsonReport.indented(new Document(
                plan.seed(),
                plan.modes().stream().map(Mode::word).toList(),
                combinations.stream().map(Combination::toString).toList(),
                result.scripts(),
                result.operations(),
                result.elapsed().toNanos() / NANOS,
                result.rate(),
                result.culprits().stream().map(Found::of).toList(),
                result.reached()));
    }
}
