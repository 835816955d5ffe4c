package grantlab.conformance.call;

/**
 * What query_size answers.
 *
 * @param rc the hypercall's result
 * @param status GNTST_*, or {@link Call#UNWRITTEN}
 * @param frames that the table has
 * @param maxFrames that it may have
 */
public record TableSize(long rc, int status, int frames, int maxFrames) implements Answered {
    @Override
    public String toString() {
        return Texts.rc(rc) + " " + Texts.status(status) + " nr=" + frames + " max=" + maxFrames;
    }
}
