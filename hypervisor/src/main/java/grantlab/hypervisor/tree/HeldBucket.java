package grantlab.hypervisor.tree;

/**
 * The bucket that one vCPU has locked: it stays locked from one leaf to the next, whose bucket it mostly is too. At most one at a
 * time, so that nobody waits for a bucket who holds another.
 */
public final class HeldBucket {
    private final Buckets buckets;
    private int bucket = Buckets.NONE;
    private long tree;
    private long key;

    /**
     * None is locked.
     *
     * @param buckets of the grantee
     */
    public HeldBucket(Buckets buckets) {
        this.buckets = buckets;
    }

    /**
     * Locks the bucket of a leaf, unless it is the one that is locked; another is let go of first.
     *
     * @param ofTree {@link Tree#id}
     * @param leaf its key
     * @return the bucket; or {@link Buckets#NONE} when there is no page for buckets, and none is locked
     */
    public int hold(long ofTree, long leaf) {
        if (bucket != Buckets.NONE && ofTree == tree && Buckets.together(leaf, key)) {
            return bucket;
        }
        letGo();
        bucket = buckets.lock(ofTree, leaf);
        tree = ofTree;
        key = leaf;
        return bucket;
    }

    /** None is locked any more. */
    public void letGo() {
        if (bucket != Buckets.NONE) {
            buckets.unlock(bucket);
            bucket = Buckets.NONE;
            buckets.spread();
        }
    }
}
