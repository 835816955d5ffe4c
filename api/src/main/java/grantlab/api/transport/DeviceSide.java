package grantlab.api.transport;

import grantlab.api.guest.GuestMemory;

/**
 * A device's hand on a transport: its driver's memory by bus addresses. An access answers zero, or a status that says why
 * nothing is reached there: never granted, taken away, not for writing. Whoever is told so breaks the queue.
 */
public interface DeviceSide extends GuestMemory, AutoCloseable {
    /**
     * Keeps a part of a queue at hand, whatever the mode, until {@link #drop} or {@link #release}. What is kept twice is dropped twice.
     *
     * @param busAddress of the first byte
     * @param length in bytes
     * @param access READ or READ | WRITE
     * @return zero or a status, and then nothing is kept
     */
    int keep(long busAddress, int length, int access);

    /**
     * Lets go of what was kept: the queue was reset.
     *
     * @param busAddress as it was kept
     * @param length as it was kept
     */
    void drop(long busAddress, int length);

    /** Lets go of everything, queues too: the device was reset. */
    void release();

    /**
     * The device is going to use memory: a hint, so that what several requests need is made ready at once. It promises nothing, and may be
     * ignored.
     *
     * @param busAddress of the first byte
     * @param length in bytes
     * @param writes whether it is going to write
     */
    default void anticipate(long busAddress, long length, boolean writes) {}

    /** Requests are done: in mode STREAMING what was mapped for their buffers is let go, all at once. */
    void requestDone();

    /**
     * What it took so far.
     *
     * @return always the same object, by the same thread
     */
    TransportCounts counts();

    /** Lets go of everything and gives back what the transport itself needed. */
    @Override
    void close();
}
