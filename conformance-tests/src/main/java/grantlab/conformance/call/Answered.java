package grantlab.conformance.call;

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
}
