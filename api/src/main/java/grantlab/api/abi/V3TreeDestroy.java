package grantlab.api.abi;

/** v3_tree_destroy, section 16 (grant-v3.md); little endian. */
public final class V3TreeDestroy {
    /** Bytes of the struct. */
    public static final int SIZE = 24;

    /** In, 2 bytes. */
    public static final int SLOT = 8;

    /** In, 1 byte. */
    public static final int GEN = 10;

    /** Out, 4 bytes. */
    public static final int STATUS = 16;

    private V3TreeDestroy() {}
}
