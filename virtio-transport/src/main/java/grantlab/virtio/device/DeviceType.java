package grantlab.virtio.device;

import grantlab.api.transport.DeviceSide;
import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.Feature;

/** What a device does (section 5): its queues and its configuration. The rest is {@link VirtioDevice}'s. */
public interface DeviceType {
    /**
     * What its driver knows it by.
     *
     * @return as the table of section 5 says: 1 network, 2 block, 3 console, 23 IOMMU
     */
    int deviceId();

    /**
     * Features of its own that it offers.
     *
     * @return bits 0..23
     */
    long features();

    /**
     * Features without which it agrees to nothing.
     *
     * @return VERSION_1, and ACCESS_PLATFORM unless the device reaches memory by physical addresses
     */
    default long mandatory() {
        return Feature.MANDATORY;
    }

    /**
     * How many queues it has.
     *
     * @return at most 64
     */
    int queues();

    /**
     * It is the type of a device now, for ever.
     *
     * @param attention how it says that something happened which is not its driver's doing
     */
    default void attached(Attention attention) {}

    /**
     * Features were agreed on.
     *
     * @param features all of them
     */
    void begin(long features);

    /**
     * Four bytes of its configuration space, little endian.
     *
     * @param offset from its start, aligned to 4
     * @return zero where there is none
     */
    int configuration(int offset);

    /**
     * The driver wrote four bytes of the configuration space.
     *
     * @param offset from its start, aligned to 4
     * @param value little endian; what cannot be written is ignored
     */
    default void configure(int offset, int value) {}

    /**
     * Works on what is available in a queue: takes, does, uses, and says of each request that it is done. A request that makes no
     * sense breaks the queue.
     *
     * @param number of the queue
     * @param queue to take from
     * @param memory of the driver, by bus addresses
     * @param most buffers to take now: other queues have their turn
     */
    void serve(int number, DeviceQueue queue, DeviceSide memory, int most);

    /**
     * Whether it waits for buffers in a queue. Where it does not, because it has nothing to put into them, its driver need not notify of new
     * ones; it is served again when the type asks for {@link Attention}.
     *
     * @param number of the queue, which was served
     * @return true unless buffers are filled with what comes from outside
     */
    default boolean waitsFor(int number) {
        return true;
    }

    /** The device was reset: nothing is in flight any more. */
    void reset();
}
