package grantlab.api.abi;

/** v3_set_access, section 16.11 (grant-v3.md); little endian. */
public final class V3SetAccess {
    /** Bytes of the struct. */
    public static final int SIZE = 64;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 2 bytes: of the tree. */
    public static final int SLOT = 8;

    /** In, 1 byte: of the tree. */
    public static final int GEN = 10;

    /** In, 1 byte: READ_ONLY or READ_WRITE. */
    public static final int ACCESS = 11;

    /** Zero, 4 bytes. */
    public static final int ZERO_12 = 12;

    /** In, 8 bytes: first index, in pages. */
    public static final int FIRST = 16;

    /** In, 8 bytes: pages, at most 2^18. */
    public static final int COUNT = 24;

    /** In, 4 bytes: what becomes of later writes. */
    public static final int POLICY = 32;

    /** Zero, 4 bytes. */
    public static final int ZERO_36 = 36;

    /** In, 8 bytes: comes back in the entry of the ring that says that it is over. */
    public static final int COOKIE = 40;

    /** In and out, 8 bytes: the restart cursor, 0 at first. */
    public static final int DONE = 48;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 56;

    /** Zero, 4 bytes. */
    public static final int ZERO_60 = 60;

    /** Value: access. */
    public static final int READ_ONLY = 0;

    /** Value: access: not in 3.0. */
    public static final int READ_WRITE = 1;

    /** Value: policy: a later write faults. */
    public static final int POLICY_FAULT = 0;

    /** Value: policy: not in 3.0. */
    public static final int POLICY_DISCARD = 1;

    private V3SetAccess() {}
}
