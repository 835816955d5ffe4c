package grantlab.virtio.transport;

import grantlab.api.memory.Page;

/**
 * What bus addresses of one device look like: the index of an entry and an offset in its page, perhaps under a mark. An address
 * that looks otherwise means nothing; none is cut to fit.
 *
 * @param mark bits that are set in every one
 * @param endIndex no index at or above it has an address
 */
public record BusAddresses(long mark, long endIndex) {
    /** {@link #index}: none. */
    public static final long NO_INDEX = -1;

    /** Bit 63 says that it is a grant, as guests do it today; a reference has 32 bits (Linux, drivers/xen/grant-dma-ops.c). */
    public static final BusAddresses SHARED_TABLE = new BusAddresses(1L << 63, 1L << 32);

    /** At most 48 bits, no mark (grant-v3.md, section 12). */
    public static final BusAddresses OWN_TREE = new BusAddresses(0, 1L << 36);

    /**
     * The address of a page.
     *
     * @param index of its entry, below {@link #endIndex}
     */
    public long address(long index) {
        return mark | Page.address(index);
    }

    /**
     * The index in an address.
     *
     * @param busAddress any
     * @return NO_INDEX when it is no bus address; index 0 of an unmarked one is none
     */
    public long index(long busAddress) {
        long index = (busAddress ^ mark) >>> Page.SHIFT;
        boolean none = index >= endIndex || (index == 0 && mark == 0);
        return none ? NO_INDEX : index;
    }
}
