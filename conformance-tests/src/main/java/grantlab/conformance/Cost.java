package grantlab.conformance;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a run cost its guests: for information, never for a verdict.
 *
 * @param hypercalls that the guests made
 * @param loads of guest memory, counted one by one
 * @param stores to guest memory, compare-exchanges included
 * @param nanos wall time, machine and teardown included
 * @param requests what single requests of virtio devices took, where the clause told
 */
public record Cost(long hypercalls, long loads, long stores, long nanos, List<RequestCost> requests) {
    /** Keeps a copy. */
    public Cost {
        requests = List.copyOf(requests);
    }

    /**
     * Without requests.
     *
     * @param hypercalls as above
     * @param loads as above
     * @param stores as above
     * @param nanos as above
     */
    public Cost(long hypercalls, long loads, long stores, long nanos) {
        this(hypercalls, loads, stores, nanos, List.of());
    }

    /** Nothing was run. */
    public static final Cost NONE = new Cost(0, 0, 0, 0);

    /**
     * The same calls in another time.
     *
     * @param wall nanoseconds
     * @return the changed cost
     */
    public Cost took(long wall) {
        return new Cost(hypercalls, loads, stores, wall, requests);
    }

    /**
     * The same, and what requests took.
     *
     * @param told each of them
     * @return the changed cost
     */
    public Cost with(List<RequestCost> told) {
        return new Cost(hypercalls, loads, stores, nanos, told);
    }

    /**
     * Both together.
     *
     * @param other cost
     * @return the sum
     */
    public Cost plus(Cost other) {
        return new Cost(
                hypercalls + other.hypercalls,
                loads + other.loads,
                stores + other.stores,
                nanos + other.nanos,
                Stream.concat(requests.stream(), other.requests.stream()).toList());
    }
}
