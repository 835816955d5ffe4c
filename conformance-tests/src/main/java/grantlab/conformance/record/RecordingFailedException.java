package grantlab.conformance.record;

/** Xen was started, and gave no whole recording. The message is one line. */
public final class RecordingFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What {@link #log} returns. */
    private final String log;

    /**
     * A run that gave no whole recording.
     *
     * @param script its name
     * @param message what happened, and how far it had come
     * @param log all that Xen, the guest and QEMU said
     */
    public RecordingFailedException(String script, String message, String log) {
        super(script + ": " + message);
        this.log = log;
    }

    /**
     * What to look at.
     *
     * @return all that Xen, the guest and QEMU said
     */
    public String log() {
        return log;
    }
}
