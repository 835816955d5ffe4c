package grantlab.hypervisor.caller;

/** What pinning a leaf of a tree found; one per vCPU, reused. */
public final class LeafPin {
    /** The act. */
    public int act;

    /** Whether the act is NEW: it cannot be found yet. */
    public boolean fresh;

    /** The bucket of the act, locked. */
    public int bucket;

    /** The pin word of a NEW act. */
    public long pins;

    /** The machine frame of the page that was asked for, first of {@code 2^order}. */
    public long frame;

    /** The order of the reference that is held on it. */
    public int order;

    /** Whether the last pin that failed met the tree's bound of leaves in use. */
    public boolean boundMet;

    /** Empty. */
    public LeafPin() {}
}
