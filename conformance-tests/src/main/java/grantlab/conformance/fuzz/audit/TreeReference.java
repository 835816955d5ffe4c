package grantlab.conformance.fuzz.audit;

import grantlab.api.abi.V3Ref;
import grantlab.hypervisor.invariant.Leaves;

/** A reference as a script has it, and the tree that it means. */
final class TreeReference {
    private TreeReference() {}

    /** Whether slot and generation are a tree's, of whichever domain. */
    static boolean names(long reference, Leaves.Shape shape) {
        return V3Ref.wellFormed(reference)
                && V3Ref.slot(reference) == shape.slot()
                && V3Ref.generation(reference) == shape.generation();
    }
}
