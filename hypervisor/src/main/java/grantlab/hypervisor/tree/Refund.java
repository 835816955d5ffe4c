package grantlab.hypervisor.tree;

import org.jspecify.annotations.Nullable;

/** What a tree and a share are not charged for any more, counted up until another one is meant. One per vCPU, reused. */
public final class Refund {
    private @Nullable Tree tree;
    private @Nullable Share share;
    private int leaves;
    private int mappings;
    private int shared;

    /** Nothing is given back. */
    public Refund() {}

    /**
     * A mapping of a leaf ended.
     *
     * @param of through which tree
     * @param last whether the leaf is in use no more
     */
    public void leaf(Tree of, boolean last) {
        if (of != tree) {
            payTree();
            tree = of;
        }
        mappings++;
        leaves += last ? 1 : 0;
    }

    /**
     * Leaves are in use no more, each of which had one mapping.
     *
     * @param of through which tree
     * @param count of them
     */
    public void leaves(Tree of, int count) {
        if (of != tree) {
            payTree();
            tree = of;
        }
        mappings += count;
        leaves += count;
    }

    /**
     * Mappings ended.
     *
     * @param of whose room they took
     * @param count of them
     */
    public void mappings(Share of, int count) {
        if (of != share) {
            payShare();
            share = of;
        }
        shared += count;
    }

    /** All of it is given back. */
    public void pay() {
        payTree();
        payShare();
    }

    private void payTree() {
        if (tree != null) {
            tree.give(leaves, mappings);
            tree = null;
            leaves = 0;
            mappings = 0;
        }
    }

    private void payShare() {
        if (share != null) {
            share.give(shared);
            share = null;
            shared = 0;
        }
    }
}
