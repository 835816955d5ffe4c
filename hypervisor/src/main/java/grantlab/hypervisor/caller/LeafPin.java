package grantlab.hypervisor.caller;

/** What pinning a leaf of a tree found; one per vCPU, reused. */
public final class LeafPin {
    /** The act. */
    public int act;

    /** Its bucket, locked, while the pin is being turned into a mapping. */
    public int bucket;

    /** The machine frame of the page that was asked for, first of {@code 2^order}. */
    public long frame;

    /** log2 of the pages on which a reference is held. */
    public int order;

    /** Whether the last pin that failed met the tree's bound of leaves in use. */
    public boolean boundMet;

    /** Empty. */
    public LeafPin() {}
}
