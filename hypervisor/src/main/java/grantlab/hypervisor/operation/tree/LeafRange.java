package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.tree.Tree;

/** Leaves of a range, for calls that change whole leaves (grant-v3.md, 8.1). */
final class LeafRange {
    private LeafRange() {}

    /**
     * The leaf or tombstone at an index; the caller's leaf tells of it, and nothing is held.
     *
     * @return false: nothing is granted there, or what is there grants nothing
     */
    static boolean locate(Caller caller, Tree tree, long index) {
        int found = tree.table().locate(index, Access.READ, caller.leaf);
        if (found != Status.OKAY && found != Status.REVOKED) {
            return false;
        }
        tree.table().release(caller.leaf);
        return true;
    }

    /** Whether a border of the range lies within a large leaf. */
    static boolean cuts(Caller caller, Tree tree, long first, long count) {
        return isWithin(caller, tree, first, first, count) || isWithin(caller, tree, first + count - 1, first, count);
    }

    private static boolean isWithin(Caller caller, Tree tree, long index, long first, long count) {
        Leaf leaf = caller.leaf;
        return locate(caller, tree, index) && (leaf.key < first || leaf.key + (1L << leaf.order) > first + count);
    }
}
