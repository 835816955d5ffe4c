package grantlab.api.abi;

/** struct gnttab_set_version, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class SetVersion {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 4;

    /** In and out, 4 bytes: wanted; in force. */
    public static final int VERSION = 0;

    private SetVersion() {}
}
