package grantlab.api.abi;

/** v3_sync, section 16.13 (grant-v3.md); little endian. */
public final class V3Sync {
    /** Bytes of the struct. */
    public static final int SIZE = 48;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 2 bytes: of the tree. */
    public static final int SLOT = 8;

    /** In, 1 byte: of the tree. */
    public static final int GEN = 10;

    /** Zero, 1 byte. */
    public static final int ZERO_11 = 11;

    /** Zero, 4 bytes. */
    public static final int ZERO_12 = 12;

    /** In, 8 bytes: first index, in pages. */
    public static final int FIRST = 16;

    /** In, 8 bytes: pages, at most 2^18. */
    public static final int COUNT = 24;

    /** In and out, 8 bytes: the restart cursor, 0 at first. */
    public static final int DONE = 32;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 40;

    /** Zero, 4 bytes. */
    public static final int ZERO_44 = 44;

    private V3Sync() {}
}
