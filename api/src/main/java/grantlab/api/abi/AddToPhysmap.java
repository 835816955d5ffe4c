package grantlab.api.abi;

/** struct xen_add_to_physmap, xen/include/public/memory.h; little endian, 64-bit callers. */
public final class AddToPhysmap {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 24;

    /** In, 2 bytes: whose map. */
    public static final int DOMID = 0;

    /** In, 2 bytes: not used here. */
    public static final int SIZE_RANGE = 2;

    /** In, 4 bytes: what to add. */
    public static final int SPACE = 4;

    /** In, 8 bytes: which of those. */
    public static final int IDX = 8;

    /** In, 8 bytes: where. */
    public static final int GPFN = 16;

    /** XENMAPSPACE_grant_table. */
    public static final int SPACE_GRANT_TABLE = 1;

    /** XENMAPIDX_grant_table_status: the index names a status frame. */
    public static final long STATUS_FRAME = 1L << 31;

    private AddToPhysmap() {}
}
