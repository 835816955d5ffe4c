package grantlab.api.abi;

/** v3_tree_create, section 5 (grant-v3.md); little endian. */
public final class V3TreeCreate {
    /** Bytes of the struct. */
    public static final int SIZE = 96;

    /** In, 4 bytes: of the head. */
    public static final int FLAGS = 4;

    /** In, 2 bytes: who is granted to. */
    public static final int PEER = 8;

    /** In, 1 byte: 1..4. */
    public static final int LEVELS = 10;

    /** In, 1 byte: 12. */
    public static final int PAGE_SHIFT = 11;

    /** Out, 2 bytes: 1..4095. */
    public static final int SLOT = 12;

    /** Out, 1 byte: generation of the slot. */
    public static final int GEN = 14;

    /** In, 8 bytes: the root node. */
    public static final int ROOT_GFN = 16;

    /** In, 8 bytes: exclusive, in pages. */
    public static final int INDEX_LIMIT = 24;

    /** In, 8 bytes: 0 for the default. */
    public static final int MAX_MAPPINGS = 32;

    /** In, 8 bytes: for notifications. */
    public static final int COOKIE = 40;

    /** In, 4 bytes: all ones for none. */
    public static final int RING_ID = 48;

    /** In, 4 bytes: all ones for none. */
    public static final int DEV_ID = 52;

    /** In, 8 bytes: 0 for the default. */
    public static final int MAX_ACTIVE = 56;

    /** Out, 4 bytes. */
    public static final int STATUS = 68;

    /** Out, 8 bytes: reference of index 0. */
    public static final int BASE_REF = 72;

    private V3TreeCreate() {}
}
