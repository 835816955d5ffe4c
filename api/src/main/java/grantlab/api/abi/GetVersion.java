package grantlab.api.abi;

/** struct gnttab_get_version, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class GetVersion {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 8;

    /** In, 2 bytes: whose table. */
    public static final int DOM = 0;

    /** Out, 4 bytes: in force. */
    public static final int VERSION = 4;

    private GetVersion() {}
}
