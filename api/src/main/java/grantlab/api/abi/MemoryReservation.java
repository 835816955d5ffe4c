package grantlab.api.abi;

/** struct xen_memory_reservation, xen/include/public/memory.h; little endian, 64-bit callers. */
public final class MemoryReservation {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 32;

    /** In, 8 bytes: guest address of 8-byte frame numbers. */
    public static final int EXTENT_START = 0;

    /** In, 8 bytes: how many. */
    public static final int NR_EXTENTS = 8;

    /** In, 4 bytes: log2 of the pages of each. */
    public static final int EXTENT_ORDER = 16;

    /** In, 4 bytes: not used here. */
    public static final int MEM_FLAGS = 20;

    /** In, 2 bytes: whose memory. */
    public static final int DOMID = 24;

    private MemoryReservation() {}
}
