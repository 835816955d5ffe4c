package grantlab.hypervisor.operation.tree;

import grantlab.api.abi.V3TreeCreate;
import grantlab.hypervisor.tree.Tree;

/** What the flags of tree_create mean to other calls. */
final class TreeFlags {
    private TreeFlags() {}

    static boolean largeLeaves(Tree tree) {
        return tree.has(V3TreeCreate.LARGE_OK);
    }
}
