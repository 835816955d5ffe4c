package grantlab.conformance.call;

import grantlab.api.abi.V3Batch;
import java.util.List;

/**
 * What a call with an array answers.
 *
 * @param batch the struct of the array
 * @param elements one by one
 */
public record V3Batched(V3Answer batch, List<V3Answer> elements) {
    /** Keeps a copy. */
    public V3Batched {
        elements = List.copyOf(elements);
    }

    /**
     * The hypercall's result.
     *
     * @return zero or a negated errno
     */
    public long rc() {
        return batch.rc();
    }

    /**
     * Elements that were finished.
     *
     * @return as the hypervisor counted
     */
    public long done() {
        return batch.get(V3Batch.DONE);
    }
}
