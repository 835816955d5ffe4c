package grantlab.api.abi;

/** struct gnttab_cache_flush, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class CacheFlush {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 16;

    /** In, 8 bytes: machine address, or a reference in the low 4 bytes. */
    public static final int DEV_BUS_ADDR = 0;

    /** In, 2 bytes. */
    public static final int OFFSET = 8;

    /** In, 2 bytes. */
    public static final int LENGTH = 10;

    /** In, 4 bytes: CLEAN, INVAL. */
    public static final int OP = 12;

    /** GNTTAB_CACHE_CLEAN. */
    public static final int CLEAN = 1;

    /** GNTTAB_CACHE_INVAL. */
    public static final int INVAL = 2;

    private CacheFlush() {}
}
