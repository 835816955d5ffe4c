package grantlab.hypervisor.caller;

import grantlab.api.grant.Leaf;
import grantlab.api.grant.LeafRun;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.tree.AtHand;
import grantlab.hypervisor.tree.Buckets;
import grantlab.hypervisor.tree.HeldBucket;
import grantlab.hypervisor.tree.Refund;

/** Who begins and ends uses of one grantee's leaves, and what he has at hand for it: one of its vCPUs, or who drops or buries. */
public final class Worker {
    /** Which he is in. */
    public final Section section;

    /** What he has to tell to owners of rings. */
    public final Outbox outbox;

    /** Where what he needs comes from, and what ends goes. */
    public final AtHand atHand;

    /** Keeps a node from one leaf to the next. */
    public final Leaf near;

    /** Stays locked from one leaf to the next. */
    public final HeldBucket bucket;

    /** Acts of leaves beside one another whose uses end. */
    public final int[] acts = new int[LeafRun.MOST];

    /** The entries of leaves beside one another, as they were first used. */
    public final long[] snapshots = new long[LeafRun.MOST];

    /** What is not charged for any more. */
    public final Refund refund = new Refund();

    /**
     * Nothing is held.
     *
     * @param section of his
     * @param outbox of his
     * @param atHand of his
     * @param buckets of the grantee
     * @param near of his; he lets go of what it keeps
     */
    public Worker(Section section, Outbox outbox, AtHand atHand, Buckets buckets, Leaf near) {
        this.section = section;
        this.outbox = outbox;
        this.atHand = atHand;
        this.near = near;
        this.bucket = new HeldBucket(buckets);
    }
}
