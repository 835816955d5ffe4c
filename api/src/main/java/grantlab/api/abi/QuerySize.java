package grantlab.api.abi;

/** struct gnttab_query_size, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class QuerySize {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 16;

    /** In, 2 bytes: whose table. */
    public static final int DOM = 0;

    /** Out, 4 bytes: frames it has. */
    public static final int NR_FRAMES = 4;

    /** Out, 4 bytes: frames it may have. */
    public static final int MAX_NR_FRAMES = 8;

    /** Out, 2 bytes: GNTST. */
    public static final int STATUS = 12;

    private QuerySize() {}
}
