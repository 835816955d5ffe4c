package grantlab.api.abi;

/** The element of v3_copy, section 16 (grant-v3.md); little endian. */
public final class V3Copy {
    /** Bytes of the struct. */
    public static final int SIZE = 64;

    /** In, 8 bytes: the caller's own frame. */
    public static final int LOCAL_GFN = 0;

    /** In, 8 bytes: the reference. */
    public static final int REF = 8;

    /** In, 4 bytes. */
    public static final int LOCAL_OFFSET = 16;

    /** In, 4 bytes. */
    public static final int REMOTE_OFFSET = 20;

    /** In, 4 bytes. */
    public static final int LENGTH = 24;

    /** In, 2 bytes: the granter. */
    public static final int PEER = 28;

    /** In, 2 bytes. */
    public static final int FLAGS = 30;

    /** Out, 4 bytes: bytes that were copied. */
    public static final int DONE = 32;

    /** In, 4 bytes. */
    public static final int EPOCH = 36;

    /** Out, 4 bytes. */
    public static final int STATUS = 56;

    /** Flag: from the caller's frame to the grant. */
    public static final int TO_REMOTE = 1;

    private V3Copy() {}
}
