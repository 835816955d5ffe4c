package grantlab.conformance;

import java.util.Collection;

/**
 * Cells, counted.
 *
 * @param passed promises kept
 * @param failed promises broken
 * @param errors clauses that could not be carried out
 * @param notApplicable clauses that do not run there
 */
public record Tally(int passed, int failed, int errors, int notApplicable) {
    /**
     * Counts.
     *
     * @param cells any
     * @return the counts
     */
    public static Tally of(Collection<Cell> cells) {
        return new Tally(
                count(cells, Verdict.PASSED),
                count(cells, Verdict.FAILED),
                count(cells, Verdict.ERROR),
                count(cells, Verdict.NOT_APPLICABLE));
    }

    private static int count(Collection<Cell> cells, Verdict verdict) {
        return (int) cells.stream().filter(cell -> cell.verdict() == verdict).count();
    }

    /**
     * Both together.
     *
     * @param other counts
     * @return the sums
     */
    public Tally plus(Tally other) {
        return new Tally(
                passed + other.passed,
                failed + other.failed,
                errors + other.errors,
                notApplicable + other.notApplicable);
    }

    /**
     * What was run.
     *
     * @return all but the cells that are not applicable
     */
    public int run() {
        return passed + failed + errors;
    }

    /**
     * What counts against somebody.
     *
     * @return broken promises and errors
     */
    public int bad() {
        return failed + errors;
    }
}
