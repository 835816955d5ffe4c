package grantlab.api.abi;

/** What v3_probe tells of one tree, section 16.15 (grant-v3.md); little endian. */
public final class V3TreeRecord {
    /** Bytes of the struct. */
    public static final int SIZE = 32;

    /** Out, 2 bytes: 1..4095. */
    public static final int SLOT = 0;

    /** Out, 1 byte: generation of the slot. */
    public static final int GEN = 2;

    /** Out, 1 byte: 1..4. */
    public static final int LEVELS = 3;

    /** Out, 4 bytes: those of v3_tree_create; PAUSED as it is now. */
    public static final int FLAGS = 4;

    /** Out, 8 bytes: exclusive, in pages. */
    public static final int INDEX_LIMIT = 8;

    /** Out, 4 bytes: of the binding of a virtual domid; else 0. */
    public static final int EPOCH = 16;

    /** Out, 4 bytes: of the device; all ones: none. */
    public static final int DEV_ID = 20;

    /** Out, 8 bytes: reference of index 0. */
    public static final int BASE_REF = 24;

    private V3TreeRecord() {}
}
