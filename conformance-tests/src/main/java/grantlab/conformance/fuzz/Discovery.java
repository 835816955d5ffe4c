package grantlab.conformance.fuzz;

/**
 * What a script brought to light.
 *
 * @param rule what does not hold: a rule of the audit, {@code answers}, {@code xen}, or the name of an exception
 * @param where a combination, or two
 * @param line of the script, or 0 for its end
 * @param operation what stands there
 * @param message what is wrong, in a line or two
 */
public record Discovery(String rule, String where, int line, String operation, String message) {
    /** Combinations answer differently. */
    public static final String ANSWERS = "answers";

    /** Xen answers differently. */
    public static final String XEN = "xen";

    /** What two discoveries of the same fault have in common. */
    public String signature() {
        return rule + ": " + message.replaceAll("0x[0-9a-f]+|\\b[0-9a-f]*[0-9][0-9a-f]*\\b", "N");
    }

    @Override
    public String toString() {
        return "%s (%s) %s: %s%n  %s"
                .formatted(rule, where, line == 0 ? "at the end" : "line " + line, operation, message);
    }
}
