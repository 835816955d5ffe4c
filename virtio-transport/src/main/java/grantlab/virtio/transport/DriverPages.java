package grantlab.virtio.transport;

import grantlab.api.guest.GuestKernel.MappedGrant;

/** The pages of a driver that a device can name, and how it gets behind one. */
interface DriverPages {
    /** No page is named so. */
    long NO_INDEX = -1;

    /** The page of a bus address, or NO_INDEX. */
    long index(long busAddress);

    /**
     * Whether a page is there for an access.
     *
     * @return zero, or why not; then nobody was asked
     */
    int admits(long index, boolean writes);

    /** Whether pages may be taken away from those who keep them. */
    boolean takenAway();

    /** Says in a mapping what shall be mapped where. */
    void prepare(long index, boolean writes, long slot, MappedGrant into);

    /**
     * Maps what was prepared; the status of each says what came of it.
     *
     * @return hypercalls
     */
    int mapAll(MappedGrant[] mappings, int count);

    /**
     * Unmaps; the status of each says what came of it.
     *
     * @return hypercalls
     */
    int unmapAll(MappedGrant[] mappings, int count);

    /**
     * Copies out of a page; one hypercall.
     *
     * @return zero or a status
     */
    int copyFrom(long index, int offset, long address, int length);

    /**
     * Copies into a page; one hypercall.
     *
     * @return zero or a status
     */
    int copyTo(long index, int offset, long address, int length);
}
