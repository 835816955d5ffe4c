package grantlab.virtio.dpdk;

/** This computer lacks a program, or something that the program needs. The message is one line that names the package that brings it. */
public final class MissingPackageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Something is missing.
     *
     * @param message what, and what brings it
     */
    public MissingPackageException(String message) {
        super(message);
    }
}
