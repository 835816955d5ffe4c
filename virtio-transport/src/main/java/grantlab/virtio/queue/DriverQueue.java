package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * The driver's side of a virtqueue (sections 2.7.13, 2.7.14, 2.8.21, 2.8.22). What the device may write is not trusted: a device
 * that uses what it was not given breaks the queue. One thread at a time; nothing is allocated after it was made.
 */
public interface DriverQueue {
    /** {@link #add}: no room now. {@link #poll}: nothing was used. */
    int NONE = -1;

    /** The queue is broken; {@link #fault} says why. */
    int BROKEN = -2;

    /**
     * A queue in fresh memory, which is zeroed.
     *
     * @param memory of the driver's guest
     * @param layout where the queue is, by its addresses
     * @param features what was negotiated
     * @param tables room for indirect tables, or null: none are used
     * @return empty
     */
    static DriverQueue of(GuestMemory memory, QueueLayout layout, long features, @Nullable IndirectTables tables) {
        IndirectTables used = Feature.has(features, Feature.INDIRECT_DESC) ? tables : null;
        return Feature.has(features, Feature.RING_PACKED)
                ? new PackedDriverQueue(memory, layout, features, used)
                : new SplitDriverQueue(memory, layout, features, used);
    }

    /**
     * Makes a buffer ready for the device; it is seen with {@link #publish}.
     *
     * @param chain what the buffer is, by bus addresses; free again when this returns
     * @return the number by which {@link #poll} will tell that it was used, below the queue's size; NONE or BROKEN
     * @throws IllegalArgumentException for a chain that is empty or longer than the queue
     */
    int add(DescriptorChain chain);

    /**
     * Makes available what was added.
     *
     * @return whether the device wants to be notified
     */
    boolean publish();

    /**
     * The next buffer that was used; its number is free again.
     *
     * @return as {@link #add} answered, NONE or BROKEN
     */
    int poll();

    /**
     * What the device wrote into the buffer that {@link #poll} told.
     *
     * @return bytes from the first writable one on; not more than there were
     */
    long written();

    /** The driver looks by itself: the device need not notify. */
    void disableNotifications();

    /**
     * The driver is about to sleep: the device is to notify of what it uses next.
     *
     * @return true when there is something to {@link #poll} already, of which nobody will notify
     */
    boolean enableNotifications();

    /**
     * Buffers that were added and not polled.
     *
     * @return 0..size
     */
    int inFlight();

    /**
     * Why it is broken.
     *
     * @return NONE when it is not
     */
    QueueFault fault();
}
