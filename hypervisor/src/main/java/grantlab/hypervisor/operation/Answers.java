package grantlab.hypervisor.operation;

/** What may be written back to a guest. */
final class Answers {
    private Answers() {}

    /** A positive status is between our own rooms: one that would get out is a fault of ours (XSA-316). */
    static int checked(int status) {
        if (status > 0) {
            throw new IllegalStateException("status " + status + " is not for guests");
        }
        return status;
    }
}
