package grantlab.conformance.call;

import grantlab.api.Status;

/** An answer that has a status. */
public interface Answered {
    /**
     * The hypercall's result.
     *
     * @return zero or a negated errno, or {@link grantlab.api.guest.Vcpu#CRASHED}
     */
    long rc();

    /**
     * The element's status.
     *
     * @return GNTST_*, or {@link Call#UNWRITTEN}
     */
    int status();

    /**
     * Whether all of it was done.
     *
     * @return the hypercall and its element succeeded
     */
    default boolean isOkay() {
        return rc() == 0 && status() == Status.OKAY;
    }
}
