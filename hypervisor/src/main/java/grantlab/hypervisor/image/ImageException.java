package grantlab.hypervisor.image;

/** Why a domain is not saved, or an image not restored; the message says it in one line, and nothing has changed. */
public final class ImageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A reason.
     *
     * @param message one line
     */
    public ImageException(String message) {
        super(message);
    }
}
