package grantlab.hypervisor.operation.tree;

import grantlab.api.abi.V3TreeCreate;
import grantlab.hypervisor.tree.Tree;

/** What the flags of tree_create mean to other calls. */
final class TreeFlags {
    private TreeFlags() {}

    /** Everything that is granted through it may be taken back by force. */
    static boolean revocable(Tree tree) {
        return tree.has(V3TreeCreate.REVOCABLE_ONLY);
    }

    static boolean largeLeaves(Tree tree) {
        return tree.has(V3TreeCreate.LARGE_OK);
    }
}
