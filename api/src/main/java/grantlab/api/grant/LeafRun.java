package grantlab.api.grant;

/**
 * Leaves of one page that stand beside one another, as {@link TreeTable#look} found them. One for each vCPU, reused. Plain fields: it
 * crosses no thread.
 */
public final class LeafRun {
    /** Leaves that are looked at together at most. */
    public static final int MOST = 8;

    /** Machine address of the first entry's word, which the others follow; opaque to the engine. */
    public long wordAddress;

    /** The words as loaded; opaque to the engine. */
    public final long[] words = new long[MOST];

    /** As {@link Leaf#snapshot}, by leaf. */
    public final long[] snapshots = new long[MOST];

    /** As {@link Leaf#gfn}, by leaf. */
    public final long[] gfns = new long[MOST];

    /** Empty. */
    public LeafRun() {}
}
