package grantlab.hypervisor.operation.tree;

import grantlab.hypervisor.tree.Tree;

/** What the numbers of a tree may be (grant-v3.md, TREE-4). */
final class TreeLimits {
    private TreeLimits() {}

    /** Whether indices fit the height, and bounds 32 bits. */
    static boolean fit(int levels, long indexLimit, long maxMappings, long maxActive) {
        return indexLimit >= 1
                && indexLimit <= Tree.span(levels)
                && maxMappings >>> Integer.SIZE == 0
                && maxActive >>> Integer.SIZE == 0;
    }
}
