package grantlab.api.abi;

/** struct gnttab_copy, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class Copy {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 40;

    /** In, 8 bytes: frame, or reference in the low 4 bytes. */
    public static final int SOURCE = 0;

    /** In, 2 bytes. */
    public static final int SOURCE_DOMID = 8;

    /** In, 2 bytes. */
    public static final int SOURCE_OFFSET = 10;

    /** In, 8 bytes: frame, or reference in the low 4 bytes. */
    public static final int DEST = 16;

    /** In, 2 bytes. */
    public static final int DEST_DOMID = 24;

    /** In, 2 bytes. */
    public static final int DEST_OFFSET = 26;

    /** In, 2 bytes: how many bytes. */
    public static final int LEN = 32;

    /** In, 2 bytes: which side is a reference. */
    public static final int FLAGS = 34;

    /** Out, 2 bytes: GNTST. */
    public static final int STATUS = 36;

    /** GNTCOPY_source_gref: SOURCE holds a reference. */
    public static final int SOURCE_GREF = 1;

    /** GNTCOPY_dest_gref: DEST holds a reference. */
    public static final int DEST_GREF = 2;

    private Copy() {}
}
