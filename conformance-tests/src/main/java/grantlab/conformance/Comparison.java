package grantlab.conformance;

/**
 * What differs.
 *
 * @param what was looked at
 * @param expected what it should have been
 * @param got what it was
 */
public record Comparison(String what, String expected, String got) {
    /** In one line. */
    @Override
    public String toString() {
        return what + ": expected " + expected + ", got " + got;
    }
}
