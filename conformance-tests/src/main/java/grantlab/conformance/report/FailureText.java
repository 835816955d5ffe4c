package grantlab.conformance.report;

import grantlab.conformance.Cell;
import grantlab.conformance.Combination;
import grantlab.conformance.DomainState;
import grantlab.conformance.Outcome;
import grantlab.conformance.Step;
import java.util.ArrayList;
import java.util.List;

/** A broken promise in plain lines, for terminals, JUnit and assertion messages. */
public final class FailureText {
    /** Characters before the text in a line of {@link #summary}. */
    static final int LABEL = 10;

    private FailureText() {}

    /**
     * How to see it again.
     *
     * @param cell a broken one
     * @param failed its outcome
     * @return a command line
     */
    static String replay(Cell cell, Outcome.Failed failed) {
        Combination combination = cell.combination();
        StringBuilder command = new StringBuilder("grantlab matrix --clause ")
                .append(cell.promise().id())
                .append(" --format ")
                .append(combination.formats())
                .append(" --paging ")
                .append(combination.pagings());
        combination
                .further()
                .forEach((place, choice) ->
                        command.append(' ').append(place.option()).append(' ').append(choice.name()));
        if (failed.seed() != null) {
            command.append(" --seed ").append(failed.seed());
        }
        return command.toString();
    }

    /**
     * What broke, without the state of the domains.
     *
     * @param cell a broken one
     * @param failed its outcome
     * @return lines
     */
    public static List<String> summary(Cell cell, Outcome.Failed failed) {
        List<String> lines = new ArrayList<>();
        lines.add("promise   " + cell.promise().text());
        lines.add("source    " + cell.promise().source());
        if (!failed.steps().isEmpty()) {
            lines.add("step      " + failed.steps().getLast().text());
        }
        lines.add((failed.error() ? "error     " : "message   ") + failed.message());
        lines.add("at        " + failed.location());
        lines.add("again     " + replay(cell, failed));
        return lines;
    }

    /**
     * All that is known.
     *
     * @param cell a broken one
     * @param failed its outcome
     * @return lines
     */
    public static List<String> complete(Cell cell, Outcome.Failed failed) {
        List<String> lines = new ArrayList<>(summary(cell, failed));
        lines.addAll(failed.trace());
        for (Step step : failed.steps()) {
            lines.add("");
            lines.add("- " + step.text());
            step.calls().forEach(call -> lines.add("    " + call));
        }
        for (DomainState state : failed.states()) {
            lines.add("");
            lines.add("d" + state.domid() + " (" + state.role() + ")");
            state.text().lines().forEach(line -> lines.add("    " + line));
        }
        return lines;
    }
}
