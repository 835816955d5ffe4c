package grantlab.api.abi;

/** v3_invalidate, section 16.12 (grant-v3.md); little endian. */
public final class V3Invalidate {
    /** Bytes of the struct. */
    public static final int SIZE = 32;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 2 bytes: of the tree. */
    public static final int SLOT = 8;

    /** In, 1 byte: of the tree. */
    public static final int GEN = 10;

    /** In, 1 byte: of the table entry, 2 up to the levels of the tree. */
    public static final int LEVEL = 11;

    /** Zero, 4 bytes. */
    public static final int ZERO_12 = 12;

    /** In, 8 bytes: index of any page below the entry. */
    public static final int PREFIX = 16;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 24;

    /** Zero, 4 bytes. */
    public static final int ZERO_28 = 28;

    private V3Invalidate() {}
}
