package grantlab.hypervisor.caller;

import grantlab.api.grant.LeafRun;

/** Leaves beside one another that come to be mapped in one step, by leaf what belongs to it. One per vCPU, reused. */
public final class Neighbours {
    /** What looking at them found. */
    public final LeafRun leaves = new LeafRun();

    /** Acts for them. */
    public final int[] acts = new int[LeafRun.MOST];

    /** Whether these, and the records, are an octet each. */
    public boolean octets;

    /** Records for their mappings. */
    public final int[] records = new int[LeafRun.MOST];

    /** What the granter's map says of each. */
    public final long[] entries = new long[LeafRun.MOST];

    /** Machine frames. */
    public final long[] frames = new long[LeafRun.MOST];

    /** Where each stands. */
    public final long[] places = new long[LeafRun.MOST];

    /** Whether the place of the next page was refused. */
    public boolean refused;

    /** Nothing. */
    public Neighbours() {}
}
