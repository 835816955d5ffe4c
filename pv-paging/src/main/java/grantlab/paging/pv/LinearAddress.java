package grantlab.paging.pv;

import grantlab.api.memory.Page;

/** Linear addresses of a 64-bit PV guest: the canonical ones, of which Xen keeps sixteen L4 slots for itself. */
final class LinearAddress {
    private static final int INDEX_BITS = 9;
    private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;
    private static final long LOW_HALF_END = 1L << 47;

    /** Xen's first L4 slot; its address is HYPERVISOR_VIRT_START. */
    static final int FIRST_XEN_SLOT = 256;

    /** Xen's last L4 slot; HYPERVISOR_VIRT_END follows it. */
    static final int LAST_XEN_SLOT = 271;

    private static final long XEN_START = 0xffff_8000_0000_0000L;
    private static final long XEN_END = 0xffff_8800_0000_0000L;

    private LinearAddress() {}

    static boolean isXens(long address) {
        return Long.compareUnsigned(address, XEN_START) >= 0 && Long.compareUnsigned(address, XEN_END) < 0;
    }

    /** The guest's own: the low half, or above Xen's range (__addr_ok). */
    static boolean isGuests(long address) {
        return Long.compareUnsigned(address, LOW_HALF_END) < 0 || Long.compareUnsigned(address, XEN_END) >= 0;
    }

    /** Where in a table of a level the entry for an address stands, in bytes. */
    static long entryOffset(long address, int level) {
        int shift = Page.SHIFT + INDEX_BITS * (level - 1);
        return (address >>> shift & INDEX_MASK) << 3;
    }
}
