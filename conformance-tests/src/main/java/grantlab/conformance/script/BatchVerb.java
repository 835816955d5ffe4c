package grantlab.conformance.script;

import java.util.List;

/** A verb whose lines can be the elements of one hypercall. A line that is in no batch is a call with one element. */
interface BatchVerb extends Verb {
    /**
     * A call that was not made yet.
     *
     * @param elements lines of this verb and of one domain, at least one
     */
    ElementCall call(List<Operation> elements);

    @Override
    default boolean isBatchable() {
        return true;
    }
}
