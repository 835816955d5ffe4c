package grantlab.conformance;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A promise is broken: what was expected, and what came. */
public final class ClauseFailure extends AssertionError {
    @Serial
    private static final long serialVersionUID = 1;

    private final @Nullable String expected;
    private final @Nullable String got;

    /**
     * Something differs.
     *
     * @param what that was looked at
     * @param expected what it should have been
     * @param got what it was
     */
    public ClauseFailure(String what, String expected, String got) {
        super(what + ": expected " + expected + ", got " + got);
        this.expected = expected;
        this.got = got;
    }

    /**
     * Something is wrong that is no comparison.
     *
     * @param message what
     */
    public ClauseFailure(String message) {
        super(message);
        this.expected = null;
        this.got = null;
    }

    /**
     * What should have been.
     *
     * @return nothing when it was no comparison
     */
    public @Nullable String expected() {
        return expected;
    }

    /**
     * What was.
     *
     * @return nothing when it was no comparison
     */
    public @Nullable String got() {
        return got;
    }
}
