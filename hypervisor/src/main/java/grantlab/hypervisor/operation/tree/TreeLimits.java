package grantlab.hypervisor.operation.tree;

/** What the numbers of a tree may be (grant-v3.md, TREE-4). */
final class TreeLimits {
    private static final int BITS_PER_LEVEL = 9;

    private TreeLimits() {}

    /** Indices that a tree of so many levels has. */
    static long span(int levels) {
        return 1L << BITS_PER_LEVEL * levels;
    }

    /** Whether indices fit the height, and bounds 32 bits. */
    static boolean fit(int levels, long indexLimit, long maxMappings, long maxActive) {
        return indexLimit >= 1
                && indexLimit <= span(levels)
                && maxMappings >>> Integer.SIZE == 0
                && maxActive >>> Integer.SIZE == 0;
    }
}
