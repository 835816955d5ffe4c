package grantlab.api.abi;

/** The element of v3_map, section 16.7 (grant-v3.md); little endian. */
public final class V3Map {
    /** Bytes of the struct. */
    public static final int SIZE = 64;

    /** In, 8 bytes: reference of the first page. */
    public static final int REF = 0;

    /** In, 8 bytes: frame number; with DEST_PTE the machine address of the entry. */
    public static final int DEST = 8;

    /** In, 2 bytes: the granter: a domid or a virtual domid. */
    public static final int PEER = 16;

    /** In, 2 bytes: a mask of the flags below. */
    public static final int FLAGS = 18;

    /** In, 1 byte: 0, 9, 18 or BEST: the largest mapping that is wanted. */
    public static final int ORDER_REQ = 20;

    /** In, 1 byte: 0, 9 or 18: the smallest mapping that is accepted. */
    public static final int ORDER_MIN = 21;

    /** Zero, 2 bytes. */
    public static final int ZERO_22 = 22;

    /** In, 4 bytes: pages, 1..2^18. */
    public static final int COUNT = 24;

    /** Out, 4 bytes: pages that are mapped. */
    public static final int DONE = 28;

    /** Out, 8 bytes: of all that this element mapped; 0: of nothing. */
    public static final int HANDLE = 32;

    /** Out, 8 bytes: machine address of the first page, as devices see it; all ones: none. */
    public static final int DEV_ADDR = 40;

    /** In, 4 bytes: of the tree, as v3_probe tells it; 0 where its peer is a real domid. */
    public static final int EPOCH = 48;

    /** Out, 1 byte: the smallest order that was used. */
    public static final int ORDER_GOT = 52;

    /** Out, 1 byte: generation of the first leaf. */
    public static final int ENTRY_GEN = 53;

    /** Zero, 2 bytes. */
    public static final int ZERO_54 = 54;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 56;

    /** Zero, 4 bytes. */
    public static final int ZERO_60 = 60;

    /** Flag: for writing. */
    public static final int WRITE = 1;

    /** Flag: for the CPU. */
    public static final int HOST = 1 << 1;

    /** Flag: for devices. */
    public static final int DEVICE = 1 << 2;

    /** Flag: smaller mappings rather than a refusal. */
    public static final int ALLOW_SPLIT = 1 << 3;

    /** Flag: accepts CPU fate FAULT. */
    public static final int ACCEPT_FAULT = 1 << 4;

    /** Flag: accepts CPU fate ZERO. */
    public static final int ACCEPT_ZERO = 1 << 5;

    /** Flag: accepts CPU fate SNAPSHOT. */
    public static final int ACCEPT_SNAPSHOT = 1 << 6;

    /** Flag: accepts device fate SINK_WO. */
    public static final int ACCEPT_SINK = 1 << 7;

    /** Flag: accepts to become read-only. */
    public static final int ACCEPT_DOWNGRADE = 1 << 8;

    /** Flag: dest is the machine address of an entry (PV). */
    public static final int DEST_PTE = 1 << 9;

    /** Flag: not in 3.0. */
    public static final int MERGE = 1 << 10;

    /** Value: of order_req: the largest that is possible. */
    public static final int BEST = 0xff;

    private V3Map() {}
}
