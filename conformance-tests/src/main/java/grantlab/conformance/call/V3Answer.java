package grantlab.conformance.call;

/**
 * What a call of grants v3 answers, or one element of it.
 *
 * @param rc the hypercall's result
 * @param left the struct as the hypervisor left it
 */
public record V3Answer(long rc, V3Call left) implements Answered {
    @Override
    public int status() {
        return left.status();
    }

    /**
     * What is in a field now.
     *
     * @param offset of the field
     * @return zero extended
     */
    public long get(int offset) {
        return left.get(offset);
    }

    @Override
    public String toString() {
        return Texts.rc(rc) + " " + Texts.status(status()) + V3Call.said(left, false);
    }
}
