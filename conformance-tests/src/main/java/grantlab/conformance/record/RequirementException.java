package grantlab.conformance.record;

/** Recording is impossible with what this machine has. The message is one line that says what is missing. */
public final class RequirementException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Recording is impossible.
     *
     * @param message what is missing, and what brings it
     */
    public RequirementException(String message) {
        super(message);
    }
}
