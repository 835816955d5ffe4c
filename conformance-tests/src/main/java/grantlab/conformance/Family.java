package grantlab.conformance;

import java.util.List;

/**
 * One row of the matrix.
 *
 * @param prefix what the ids begin with
 * @param title what the promises are about
 * @param promises in the order of their ids
 */
public record Family(String prefix, String title, List<Promise> promises) {
    /** Keeps a copy. */
    public Family {
        promises = List.copyOf(promises);
    }

    Family withDevicesBeside() {
        return new Family(
                prefix, title, promises.stream().map(Promise::withDevicesBeside).toList());
    }
}
