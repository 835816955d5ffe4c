package grantlab.hypervisor.caller;

/**
 * What pinning a leaf of a tree found, and what one pin leaves to the next: the lock of the bucket, in which the neighbour's
 * act is too, and what was charged ahead. One per vCPU, reused.
 */
public final class LeafPin {
    /** No bucket is locked. */
    public static final int UNLOCKED = -1;

    /** The act. */
    public int act;

    /** Whether the act is NEW: it cannot be found yet. */
    public boolean fresh;

    /** The act's pin word with this use counted. */
    public long pins;

    /** The bucket that is locked, or {@link #UNLOCKED}. */
    public int bucket = UNLOCKED;

    /** A leaf of that bucket. */
    public long bucketKey;

    /** The machine frame of the page that was asked for, first of {@code 2^order}. */
    public long frame;

    /** log2 of the pages on which a reference is held. */
    public int order;

    /** Whether the last pin that failed met the tree's bound of leaves in use. */
    public boolean boundMet;

    /** Leaves in use that the tree was charged for ahead. */
    public int actsAhead;

    /** Mappings that the tree and the share were charged for ahead. */
    public int recordsAhead;

    /** Empty. */
    public LeafPin() {}
}
