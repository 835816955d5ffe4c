package grantlab.hypervisor.caller;

/** How far a v3 call has come in its array of elements. One per vCPU, reused. */
public final class ElementArray {
    /** What the call answers: zero, or a negated errno where there is no array to work on. */
    public long result;

    private long head;
    private long at;
    private int count;
    private int done;

    /** No array. */
    public ElementArray() {}

    /**
     * Another array.
     *
     * @param batch machine address of the struct that describes it, in a held page
     * @param first machine address of the first element, in a held page
     * @param elements how many there are
     */
    public void begin(long batch, long first, int elements) {
        head = batch;
        at = first;
        count = elements;
        done = 0;
    }

    /**
     * One more is done.
     *
     * @param size bytes of an element
     */
    public void advance(int size) {
        at += size;
        done++;
    }

    /** Machine address of the struct that describes it. */
    public long head() {
        return head;
    }

    /** Machine address of the element that it has come to. */
    public long at() {
        return at;
    }

    /** Whether there is but one element. */
    public boolean isOfOne() {
        return count == 1;
    }

    /** Elements that are done. */
    public int done() {
        return done;
    }

    /** Elements that are not. */
    public int left() {
        return count - done;
    }
}
