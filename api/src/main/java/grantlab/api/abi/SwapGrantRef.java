package grantlab.api.abi;

/** struct gnttab_swap_grant_ref, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class SwapGrantRef {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 12;

    /** In, 4 bytes. */
    public static final int REF_A = 0;

    /** In, 4 bytes. */
    public static final int REF_B = 4;

    /** Out, 2 bytes: GNTST. */
    public static final int STATUS = 8;

    private SwapGrantRef() {}
}
