package grantlab.conformance;

/**
 * One clause in one combination.
 *
 * @param promise the clause
 * @param combination where
 * @param outcome what came of it
 * @param cost what it took
 */
public record Cell(Promise promise, Combination combination, Outcome outcome, Cost cost) {
    /**
     * The verdict.
     *
     * @return the outcome's
     */
    public Verdict verdict() {
        return outcome.verdict();
    }

    /**
     * A name that is unique in a matrix.
     *
     * @return {@code v1/pv-pv/MAP-07}
     */
    public String name() {
        return combination.name() + "/" + promise.id();
    }
}
