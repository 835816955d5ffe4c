package grantlab.api.abi;

/**
 * The first page of a ring, section 16.17 (grant-v3.md); out is what the hypervisor writes, in what the guest writes; little endian.
 */
public final class V3RingHeader {
    /** Bytes of the struct. */
    public static final int SIZE = 4096;

    /** Out, 4 bytes: the bytes G, N, R, 3. */
    public static final int MAGIC = 0;

    /** Out, 2 bytes: bytes of an entry: 32. */
    public static final int ENTRY_SIZE = 4;

    /** Out, 2 bytes: log2 of the number of entries. */
    public static final int LOG2_ENTRIES = 6;

    /** Out, 4 bytes: position of the next entry, free running. */
    public static final int PROD = 8;

    /** Out, 4 bytes: a mask of the flags below. */
    public static final int PROD_FLAGS = 12;

    /** Out, 8 bytes: events that were not queued. */
    public static final int LOST = 16;

    /** Zero, 40 bytes. */
    public static final int ZERO_24 = 24;

    /** In, 4 bytes: position of the next entry that the guest will read, free running. */
    public static final int CONS = 64;

    /** In, 4 bytes: not in 3.0: 0. */
    public static final int EVENT_IDX = 68;

    /** Zero, 440 bytes. */
    public static final int ZERO_72 = 72;

    /** In and out, 512 bytes: bit n: the tree in slot n lost events; the hypervisor sets, the guest clears. */
    public static final int DIRTY = 512;

    /** Zero, 3072 bytes. */
    public static final int ZERO_1024 = 1024;

    /** Flag: events were lost since the ring was set up. */
    public static final int OVERFLOW = 1;

    /** Value: of magic. */
    public static final int MAGIC_VALUE = 0x3352_4e47;

    private V3RingHeader() {}
}
