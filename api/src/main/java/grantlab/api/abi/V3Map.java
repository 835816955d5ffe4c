package grantlab.api.abi;

/** The element of v3_map, section 10 (grant-v3.md); little endian. */
public final class V3Map {
    /** Bytes of the struct. */
    public static final int SIZE = 64;

    /** In, 8 bytes: the reference. */
    public static final int REF = 0;

    /** In, 8 bytes: frame number, or machine address of the entry (DEST_PTE). */
    public static final int DEST = 8;

    /** In, 2 bytes: the granter. */
    public static final int PEER = 16;

    /** In, 2 bytes. */
    public static final int FLAGS = 18;

    /** In, 1 byte: 0, 9 or 18. */
    public static final int ORDER_REQ = 20;

    /** In, 1 byte. */
    public static final int ORDER_MIN = 21;

    /** In, 4 bytes: pages. */
    public static final int COUNT = 24;

    /** Out, 4 bytes: pages that are mapped. */
    public static final int DONE = 28;

    /** Out, 8 bytes. */
    public static final int HANDLE = 32;

    /** Out, 8 bytes: machine address of the frame. */
    public static final int DEV_ADDR = 40;

    /** In, 4 bytes. */
    public static final int EPOCH = 48;

    /** Out, 1 byte. */
    public static final int ORDER_GOT = 52;

    /** Out, 4 bytes. */
    public static final int STATUS = 56;

    /** Flag: for writing. */
    public static final int WRITE = 1;

    /** Flag: for the CPU. */
    public static final int HOST = 1 << 1;

    /** Flag: DEST is the machine address of an entry (PV). */
    public static final int DEST_PTE = 1 << 9;

    private V3Map() {}
}
