package grantlab.hypervisor.operation.tree;

import grantlab.api.abi.V3Ref;

/** The form of references: MAP-7 and COEX-2. */
final class Reference {
    private Reference() {}

    /** Whether the upper byte is zero, and of slot 0 all that is no reference of a flat table. */
    static boolean wellFormed(long reference) {
        return V3Ref.wellFormed(reference) && (V3Ref.slot(reference) != 0 || FlatAlias.wellFormed(reference));
    }
}
