package grantlab.api.abi;

/** struct xen_add_to_physmap_batch, xen/include/public/memory.h; little endian, 64-bit callers. */
public final class AddToPhysmapBatch {
    /** Bytes of the struct. */
    public static final int SIZE = 32;

    /** In, 2 bytes: whose map. */
    public static final int DOMID = 0;

    /** In, 2 bytes: what to add. */
    public static final int SPACE = 2;

    /** In, 2 bytes: how many. */
    public static final int COUNT = 4;

    /** In, 2 bytes: with {@link #SPACE_GMFN_FOREIGN}, whose frames. */
    public static final int FOREIGN_DOMID = 6;

    /** In, 8 bytes: guest address of the numbers of what to add, 8 bytes each. */
    public static final int IDXS = 8;

    /** In, 8 bytes: guest address of the frame numbers where to, 8 bytes each. */
    public static final int GPFNS = 16;

    /** In, 8 bytes: guest address of the answers, 4 bytes each: zero or a negated errno. */
    public static final int ERRS = 24;

    /** XENMAPSPACE_gmfn_foreign. */
    public static final int SPACE_GMFN_FOREIGN = 4;

    private AddToPhysmapBatch() {}
}
