package grantlab.conformance;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A promise is broken: what was expected, and what came. */
public final class ClauseFailure extends AssertionError {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient @Nullable Comparison comparison;

    /**
     * Something differs.
     *
     * @param what was looked at
     * @param expected what it should have been
     * @param got what it was
     */
    public ClauseFailure(String what, String expected, String got) {
        this(new Comparison(what, expected, got));
    }

    private ClauseFailure(Comparison comparison) {
        super(comparison.toString());
        this.comparison = comparison;
    }

    /**
     * Something is wrong that is no comparison.
     *
     * @param message what
     */
    public ClauseFailure(String message) {
        super(message);
        this.comparison = null;
    }

    /**
     * What differs.
     *
     * @return nothing when it was no comparison
     */
    public @Nullable Comparison comparison() {
        return comparison;
    }
}
