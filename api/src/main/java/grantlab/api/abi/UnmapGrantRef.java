package grantlab.api.abi;

/** struct gnttab_unmap_grant_ref, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class UnmapGrantRef {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 24;

    /** In, 8 bytes: where it is mapped, or 0. */
    public static final int HOST_ADDR = 0;

    /** In, 8 bytes: the device mapping, or 0. */
    public static final int DEV_BUS_ADDR = 8;

    /** In, 4 bytes: the maptrack handle. */
    public static final int HANDLE = 16;

    /** Out, 2 bytes: GNTST. */
    public static final int STATUS = 20;

    private UnmapGrantRef() {}
}
