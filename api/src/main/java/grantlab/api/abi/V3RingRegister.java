package grantlab.api.abi;

/** v3_ring_register, section 16.16 (grant-v3.md); little endian. */
public final class V3RingRegister {
    /** Bytes of the struct. */
    public static final int SIZE = 40;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 8 bytes: frame that holds the frame numbers: header, then data pages; 0 with REMOVE. */
    public static final int LIST_GFN = 8;

    /** In, 4 bytes: data pages: 1, 2, 4, 8 or 16; 0 with REMOVE. */
    public static final int PAGES = 16;

    /** In, 4 bytes: event channel of the caller that is kicked; 0 with REMOVE. */
    public static final int PORT = 20;

    /** In and out, 4 bytes: in with REMOVE, else 0; out: names the ring. */
    public static final int RING_ID = 24;

    /** In, 4 bytes: GRANTER or GRANTEE; 0 with REMOVE. */
    public static final int KIND = 28;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 32;

    /** Zero, 4 bytes. */
    public static final int ZERO_36 = 36;

    /** Flag: takes the ring down. */
    public static final int REMOVE = 1;

    /** Value: kind: for trees of the caller. */
    public static final int GRANTER = 0;

    /** Value: kind: for trees that are granted to the caller. */
    public static final int GRANTEE = 1;

    private V3RingRegister() {}
}
