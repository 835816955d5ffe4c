package grantlab.api.abi;

/** struct gnttab_setup_table, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class SetupTable {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 24;

    /** In, 2 bytes: whose table. */
    public static final int DOM = 0;

    /** In, 4 bytes: frames wanted. */
    public static final int NR_FRAMES = 4;

    /** Out, 2 bytes: GNTST. */
    public static final int STATUS = 8;

    /** In, 8 bytes: guest address of 8-byte frame numbers. */
    public static final int FRAME_LIST = 16;

    private SetupTable() {}
}
