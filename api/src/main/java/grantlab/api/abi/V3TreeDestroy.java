package grantlab.api.abi;

/** v3_tree_destroy, section 16.6 (grant-v3.md); little endian. */
public final class V3TreeDestroy {
    /** Bytes of the struct. */
    public static final int SIZE = 32;

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

    /** In and out, 8 bytes: with REVOKE: the restart cursor, 0 at first; else 0. */
    public static final int DONE = 16;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 24;

    /** Zero, 4 bytes. */
    public static final int ZERO_28 = 28;

    /** Flag: takes everything back first. */
    public static final int REVOKE = 1;

    private V3TreeDestroy() {}
}
