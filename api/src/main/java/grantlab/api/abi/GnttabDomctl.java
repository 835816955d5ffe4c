package grantlab.api.abi;

/**
 * Numbers of the toolstack's calls of grants v3, sections 6, 8 and 11 (grant-v3.md). They lie far above Xen's own XEN_DOMCTL numbers,
 * which go on from one release to the next.
 */
public final class GnttabDomctl {
    /** vdomid_bind. */
    public static final int VDOMID_BIND = 0x3301;

    /** gnt_quota. */
    public static final int GNT_QUOTA = 0x3302;

    /** gnt_policy. */
    public static final int GNT_POLICY = 0x3303;

    private GnttabDomctl() {}
}
