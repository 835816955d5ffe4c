package grantlab.api.abi;

/** v3_probe, section 16.14 (grant-v3.md); little endian. */
public final class V3Probe {
    /** Bytes of the struct. */
    public static final int SIZE = 64;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 2 bytes: the granter: a domid or a virtual domid. */
    public static final int PEER = 8;

    /** In, 1 byte: TREES or RANGE. */
    public static final int MODE = 10;

    /** Zero, 1 byte. */
    public static final int ZERO_11 = 11;

    /** In, 4 bytes: with TREES: of the trees that are wanted, all ones: of every tree; with RANGE: 0. */
    public static final int DEV_ID = 12;

    /** In, 8 bytes: with TREES: any reference of the slot to begin with; with RANGE: of the first page. */
    public static final int REF = 16;

    /** In, 4 bytes: with TREES: records that the page has room for, 1..128; with RANGE: pages, 1..2048. */
    public static final int COUNT = 24;

    /** Out, 4 bytes: records or words that were written. */
    public static final int DONE = 28;

    /** In, 8 bytes: the caller's page that receives them. */
    public static final int RESULT_GFN = 32;

    /** Zero, 16 bytes. */
    public static final int ZERO_40 = 40;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 56;

    /** Zero, 4 bytes. */
    public static final int ZERO_60 = 60;

    /** Value: mode: a V3TreeRecord for each tree that is granted to the caller. */
    public static final int TREES = 0;

    /** Value: mode: a word of 16 bits for each page. */
    public static final int RANGE = 1;

    /** Value: of dev_id: every tree. */
    public static final long ANY_DEVICE = 0xffff_ffffL;

    /** Word: bytes of a word. */
    public static final int WORD_SIZE = 2;

    /** Word: bit: may be mapped or copied from. */
    public static final int WORD_READ = 1;

    /** Word: bit: for writing too. */
    public static final int WORD_WRITE = 1 << 1;

    /** Word: bit: for devices too. */
    public static final int WORD_DEVICE = 1 << 2;

    /** Word: bit: only v3_copy. */
    public static final int WORD_COPY_ONLY = 1 << 3;

    /** Word: bit: a tombstone, or being taken back. */
    public static final int WORD_REVOKED = 1 << 4;

    /** Word: where the order of the leaf begins, 8 bits. */
    public static final int WORD_ORDER_SHIFT = 8;

    private V3Probe() {}
}
