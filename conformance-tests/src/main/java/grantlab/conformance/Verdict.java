package grantlab.conformance;

/** The verdict on one clause in one combination. */
public enum Verdict {
    /** The promise is kept. */
    PASSED("passed", "✓"),

    /** The promise is broken. */
    FAILED("failed", "✗"),

    /** The clause could not be carried out: an exception that is no verdict on the promise. */
    ERROR("error", "!"),

    /** A member of the combination does not have what the clause needs. */
    NOT_APPLICABLE("not applicable", "–");

    private final String text;
    private final String symbol;

    Verdict(String text, String symbol) {
        this.text = text;
        this.symbol = symbol;
    }

    /**
     * In words.
     *
     * @return lower case
     */
    public String text() {
        return text;
    }

    /**
     * As one character.
     *
     * @return readable without colours
     */
    public String symbol() {
        return symbol;
    }

    /**
     * Whether it counts against the implementation.
     *
     * @return true for FAILED and ERROR
     */
    public boolean bad() {
        return this == FAILED || this == ERROR;
    }
}
