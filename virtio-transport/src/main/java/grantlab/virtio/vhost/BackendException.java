package grantlab.virtio.vhost;

/** A backend does not keep to the protocol, or is gone. The message is one line that says what it did. */
public final class BackendException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Something is wrong with a backend.
     *
     * @param message what it did
     */
    public BackendException(String message) {
        super(message);
    }

    /**
     * Something is wrong with the way to a backend.
     *
     * @param message what was wanted of it
     * @param cause why that failed
     */
    public BackendException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
