package grantlab.virtio.device;

import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.QueueLayout;
import org.jspecify.annotations.Nullable;

/** One queue as the driver's writes to registers have it. */
final class RequestedQueue {
    private static final long LOW = 0xffff_ffffL;

    int size;
    long descriptors;
    long driverArea;
    long deviceArea;

    /** While it is ready. */
    @Nullable
    DeviceQueue queue;

    @Nullable
    QueueLayout layout;

    boolean ready() {
        return queue != null;
    }

    /** What a queue that is ready is made of was copied when it became ready. */
    void write(int offset, int value) {
        switch (offset) {
            case Mmio.QUEUE_SIZE -> size = value;
            case Mmio.QUEUE_DESC_LOW, Mmio.QUEUE_DESC_LOW + 4 ->
                descriptors = half(descriptors, offset - Mmio.QUEUE_DESC_LOW, value);
            case Mmio.QUEUE_DRIVER_LOW, Mmio.QUEUE_DRIVER_LOW + 4 ->
                driverArea = half(driverArea, offset - Mmio.QUEUE_DRIVER_LOW, value);
            case Mmio.QUEUE_DEVICE_LOW, Mmio.QUEUE_DEVICE_LOW + 4 ->
                deviceArea = half(deviceArea, offset - Mmio.QUEUE_DEVICE_LOW, value);
            default -> {}
        }
    }

    private static long half(long address, int at, int value) {
        return at == 0 ? (address & ~LOW) | (value & LOW) : (address & LOW) | (long) value << 32;
    }

    /** The default state (2.6.1.1). */
    void clear() {
        size = 0;
        descriptors = 0;
        driverArea = 0;
        deviceArea = 0;
        queue = null;
        layout = null;
    }
}
