package grantlab.api.abi;

/** struct gnttab_transfer, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class Transfer {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 24;

    /** In, 8 bytes: the frame. */
    public static final int MFN = 0;

    /** In, 2 bytes: the receiver. */
    public static final int DOMID = 8;

    /** In, 4 bytes: the receiver's reference. */
    public static final int REF = 12;

    /** Out, 2 bytes: GNTST. */
    public static final int STATUS = 16;

    private Transfer() {}
}
