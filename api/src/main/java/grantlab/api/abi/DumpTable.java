package grantlab.api.abi;

/** struct gnttab_dump_table, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class DumpTable {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 4;

    /** In, 2 bytes: whose table. */
    public static final int DOM = 0;

    /** Out, 2 bytes: never written. */
    public static final int STATUS = 2;

    private DumpTable() {}
}
