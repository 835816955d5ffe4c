package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.tree.Tree;

/** How a granter names a tree of its own: by slot and generation. */
final class OwnTree {
    private OwnTree() {}

    /** What is done with the tree. */
    @FunctionalInterface
    interface Deed {
        /** Does it. @return a status */
        int with(Tree tree);
    }

    static int find(Caller caller, int slot, int generation, Deed deed) {
        Tree tree = caller.domain().trees().find(slot);
        if (tree == null) {
            return Status.BAD_TREE;
        }
        return tree.generation() == generation ? deed.with(tree) : Status.STALE;
    }
}
