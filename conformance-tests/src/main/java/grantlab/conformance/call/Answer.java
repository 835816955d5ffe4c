package grantlab.conformance.call;

/**
 * What calls answer that answer nothing but a status.
 *
 * @param rc the hypercall's result
 * @param status GNTST_*, or {@link Call#UNWRITTEN}
 */
public record Answer(long rc, int status) implements Answered {
    @Override
    public String toString() {
        return Texts.rc(rc) + " " + Texts.status(status);
    }
}
