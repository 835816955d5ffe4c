package grantlab.api.abi;

/** v3_query, section 16.3 (grant-v3.md); little endian. */
public final class V3Query {
    /** Bytes of the struct. */
    public static final int SIZE = 64;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** Out, 4 bytes: what is there beyond the required, a mask of the flags below. */
    public static final int FEATURES = 8;

    /** Out, 2 bytes: log2 of the bytes of a page: 12. */
    public static final int PAGE_SHIFT = 12;

    /** Out, 1 byte: levels that a tree may have. */
    public static final int MAX_LEVELS = 14;

    /** Out, 1 byte: bit n: leaves of level n + 1 may be mapped as one. */
    public static final int ORDERS = 15;

    /** Out, 4 bytes: trees that the caller may have. */
    public static final int MAX_TREES = 16;

    /** Out, 4 bytes: data pages that a ring may have. */
    public static final int MAX_RING_PAGES = 20;

    /** Out, 8 bytes: the highest limit of indices that a tree may have, exclusive. */
    public static final int INDEX_LIMIT = 24;

    /** Out, 8 bytes: records that the pool of the caller can hold. */
    public static final int RECORDS_QUOTA = 32;

    /** Out, 8 bytes: records that are charged to the caller. */
    public static final int RECORDS_USED = 40;

    /** Out, 4 bytes: bit n: CPU fate n is there. */
    public static final int CPU_FATES = 48;

    /** Out, 4 bytes: bit n: device fate n is there. */
    public static final int DEV_FATES = 52;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 56;

    /** Zero, 4 bytes. */
    public static final int ZERO_60 = 60;

    /** Flag: v3_revoke, REVOCABLE_ONLY and tree_destroy with REVOKE. */
    public static final int REVOKE = 1;

    /** Flag: v3_revoke of slot 0. */
    public static final int REVOKE_FLAT = 1 << 1;

    /** Flag: v3_revoke with ASYNC. */
    public static final int ASYNC = 1 << 2;

    /** Flag: v3_set_access. */
    public static final int DOWNGRADE = 1 << 3;

    /** Flag: v3_map with DEVICE. */
    public static final int DEVICE = 1 << 4;

    /** Flag: fault mode INJECT. */
    public static final int INJECT = 1 << 5;

    private V3Query() {}
}
