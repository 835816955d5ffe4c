package grantlab.api.abi;

/** struct gnttab_map_grant_ref, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class MapGrantRef {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 32;

    /** In, 8 bytes: where to map. */
    public static final int HOST_ADDR = 0;

    /** In, 4 bytes: GNTMAP flags. */
    public static final int FLAGS = 8;

    /** In, 4 bytes: the grant reference. */
    public static final int REF = 12;

    /** In, 2 bytes: the granter. */
    public static final int DOM = 16;

    /** Out, 2 bytes: GNTST. */
    public static final int STATUS = 18;

    /** Out, 4 bytes: the maptrack handle. */
    public static final int HANDLE = 20;

    /** Out, 8 bytes: machine address of the frame. */
    public static final int DEV_BUS_ADDR = 24;

    private MapGrantRef() {}
}
