package grantlab.conformance.replay;

import java.nio.file.Path;

/** A recording that cannot be replayed because it is not there or not whole. The message is one line. */
public final class RecordingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A recording that cannot be replayed.
     *
     * @param file what is wrong
     * @param message in which way, and what would be right
     */
    public RecordingException(Path file, String message) {
        super(file + ": " + message);
    }
}
