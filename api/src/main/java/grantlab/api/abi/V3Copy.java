package grantlab.api.abi;

/** The element of v3_copy, section 16.9 (grant-v3.md); little endian. */
public final class V3Copy {
    /** Bytes of the struct. */
    public static final int SIZE = 64;

    /** In, 8 bytes: first of the caller's own frames. */
    public static final int LOCAL_GFN = 0;

    /** In, 8 bytes: reference of the first page of the other side. */
    public static final int REF = 8;

    /** In, 4 bytes: bytes into the first own frame, below 4096. */
    public static final int LOCAL_OFFSET = 16;

    /** In, 4 bytes: bytes into the first page of the other side, below 4096. */
    public static final int REMOTE_OFFSET = 20;

    /** In, 4 bytes: bytes, at most 2^21. */
    public static final int LENGTH = 24;

    /** In, 2 bytes: the granter: a domid or a virtual domid. */
    public static final int PEER = 28;

    /** In, 2 bytes: a mask of the flags below. */
    public static final int FLAGS = 30;

    /** Out, 4 bytes: bytes that were copied. */
    public static final int DONE = 32;

    /** In, 4 bytes: of the tree, as v3_probe tells it; 0 where its peer is a real domid. */
    public static final int EPOCH = 36;

    /** Zero, 16 bytes. */
    public static final int ZERO_40 = 40;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 56;

    /** Zero, 4 bytes. */
    public static final int ZERO_60 = 60;

    /** Flag: from the caller's frames to the grant. */
    public static final int TO_REMOTE = 1;

    private V3Copy() {}
}
