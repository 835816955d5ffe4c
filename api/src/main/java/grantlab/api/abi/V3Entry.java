package grantlab.api.abi;

/** An entry of a node, section 3.2 (grant-v3.md): one word of 64 bits; little endian. */
public final class V3Entry {
    /** Bytes of an entry. */
    public static final int SIZE = 8;

    /** Value: type: grants nothing. */
    public static final int EMPTY = 0;

    /** Value: type: leads to a node one level down. */
    public static final int TABLE = 1;

    /** Value: type: grants. */
    public static final int LEAF = 2;

    /** Value: type: was withdrawn or taken back. */
    public static final int TOMBSTONE = 3;

    /** Bits: of the type, 1:0. */
    public static final long TYPE_MASK = 3L;

    /** Bits: writing is allowed; in a table entry: below it. */
    public static final long W = 1L << 2;

    /** Bits: devices are allowed; in a table entry: below it. */
    public static final long DEV = 1L << 3;

    /** Bits: v3_copy alone; of a leaf. */
    public static final long COPY_ONLY = 1L << 4;

    /** Bits: the end of the last use is an event; of a leaf. */
    public static final long NOTIFY = 1L << 5;

    /** Bits: the grantee still holds a dead mapping; of a tombstone. */
    public static final long ATTACHED = 1L << 6;

    /** Bits: in use for reading. */
    public static final long MAPPED_R = 1L << 9;

    /** Bits: in use for writing. */
    public static final long MAPPED_W = 1L << 10;

    /** Bits: was in use for writing since the guest cleared it. */
    public static final long W_SEEN = 1L << 11;

    /** Bits: of the frame number, 51:12. */
    public static final long FRAME_MASK = 0xf_ffff_ffff_f000L;

    /** Bits: of what guest software keeps, 58:52. */
    public static final long SW_MASK = 0x7fL << 52;

    /** Bits: of the generation, 62:59. */
    public static final long GEN_MASK = 0xfL << 59;

    /** Value: where the frame number begins. */
    public static final int FRAME_SHIFT = 12;

    /** Value: where the bits of software begin. */
    public static final int SW_SHIFT = 52;

    /** Value: where the generation begins. */
    public static final int GEN_SHIFT = 59;

    /** Value: log2 of the entries of a node. */
    public static final int LEVEL_BITS = 9;

    private V3Entry() {}
}
