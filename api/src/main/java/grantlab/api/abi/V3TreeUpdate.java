package grantlab.api.abi;

/** v3_tree_update, section 16.5 (grant-v3.md); little endian. */
public final class V3TreeUpdate {
    /** Bytes of the struct. */
    public static final int SIZE = 64;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 2 bytes: of the tree. */
    public static final int SLOT = 8;

    /** In, 1 byte: of the tree. */
    public static final int GEN = 10;

    /** Out, 1 byte: of the tree, after the call. */
    public static final int LEVELS = 11;

    /** In, 4 bytes: with RESUME: of the binding that is accepted, 0 for a real domid; else 0. */
    public static final int EPOCH = 12;

    /** In, 8 bytes: with GROW: frame of the new root; else 0. */
    public static final int ROOT = 16;

    /** In, 8 bytes: with LIMITS and GROW: the new limit, exclusive, in pages; else 0. */
    public static final int INDEX_LIMIT = 24;

    /** In, 8 bytes: with LIMITS: 0 for 2^16; else 0. */
    public static final int MAX_MAPPINGS = 32;

    /** In, 8 bytes: with LIMITS: 0 for 2^16; else 0. */
    public static final int MAX_ACTIVE = 40;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 48;

    /** Zero, 4 bytes. */
    public static final int ZERO_52 = 52;

    /** Zero, 8 bytes. */
    public static final int ZERO_56 = 56;

    /** Flag: no new mapping until RESUME. */
    public static final int PAUSE = 1;

    /** Flag: the tree is in force again. */
    public static final int RESUME = 1 << 1;

    /** Flag: new limits. */
    public static final int LIMITS = 1 << 2;

    /** Flag: one more level. */
    public static final int GROW = 1 << 3;

    private V3TreeUpdate() {}
}
