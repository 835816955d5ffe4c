package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;

/**
 * The device's side of a virtqueue. The driver is hostile: each word that it may write is loaded once for each buffer, every walk
 * ends after as many descriptors as the queue has, and what is not as the specification says breaks the queue and touches nothing
 * else. Whether the buffer is reached is seen when it is used. One thread at a time; nothing is allocated after it was made.
 */
public interface DeviceQueue {
    /** What {@link #take} found. */
    enum Taken {
        /** The chain is filled in. */
        CHAIN,

        /** Nothing is available. */
        EMPTY,

        /** The queue is broken; {@link #fault} says why. */
        BROKEN
    }

    /**
     * A queue as the driver told of it.
     *
     * @param memory of the driver, as the device reaches it
     * @param layout where the queue is, by bus addresses
     * @param features what was negotiated
     * @return nothing was taken from it
     */
    static DeviceQueue of(GuestMemory memory, QueueLayout layout, long features) {
        return Feature.has(features, Feature.RING_PACKED)
                ? new PackedDeviceQueue(memory, layout, features)
                : new SplitDeviceQueue(memory, layout, features);
    }

    /**
     * Takes the next available buffer.
     *
     * @param into filled with what it is; with room for fewer elements than the queue has, longer chains are refused
     * @return what was found
     */
    Taken take(DescriptorChain into);

    /**
     * Marks a buffer used; the driver sees it with {@link #publish}. In any order, or in that in which they were taken if that was
     * negotiated.
     *
     * @param chain as it was taken
     * @param written bytes, from the first writable one on
     * @throws IllegalArgumentException when more was written than there is room for, or another one's turn is
     */
    void use(DescriptorChain chain, long written);

    /**
     * Shows the driver what was used.
     *
     * @return whether the driver wants to be notified
     */
    boolean publish();

    /** The device looks by itself: the driver need not notify. */
    void disableNotifications();

    /**
     * The device is about to sleep: the driver is to notify of what it makes available next.
     *
     * @return true when there is something to {@link #take} already, of which nobody will notify
     */
    boolean enableNotifications();

    /**
     * Breaks the queue: a buffer in it is not as the device's specification says.
     *
     * @param why the first reason stays
     */
    void breakDown(QueueFault why);

    /**
     * Why it is broken.
     *
     * @return NONE when it is not
     */
    QueueFault fault();
}
