package grantlab.conformance;

/**
 * What a run cost its guests: for information, never for a verdict.
 *
 * @param hypercalls that the guests made
 * @param loads of guest memory, counted one by one
 * @param stores to guest memory, compare-exchanges included
 * @param nanos wall time, machine and teardown included
 */
public record Cost(long hypercalls, long loads, long stores, long nanos) {
    /** Nothing was run. */
    public static final Cost NONE = new Cost(0, 0, 0, 0);

    /**
     * The same calls in another time.
     *
     * @param wall nanoseconds
     * @return the changed cost
     */
    public Cost took(long wall) {
        return new Cost(hypercalls, loads, stores, wall);
    }

    /**
     * Both together.
     *
     * @param other cost
     * @return the sum
     */
    public Cost plus(Cost other) {
        return new Cost(hypercalls + other.hypercalls, loads + other.loads, stores + other.stores, nanos + other.nanos);
    }
}
