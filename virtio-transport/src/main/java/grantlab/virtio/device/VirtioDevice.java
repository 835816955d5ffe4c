package grantlab.virtio.device;

import grantlab.api.Access;
import grantlab.api.transport.DeviceSide;
import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.Feature;
import grantlab.virtio.queue.QueueFault;
import grantlab.virtio.queue.QueueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A device of virtio over MMIO: its status, features and queues, for any {@link DeviceType}. The driver's vCPU enters by the
 * registers, on its own thread; the device works on another. A register of the control path waits until the device is between two
 * rounds of work, so that a reset is over when it was written; QueueNotify and the interrupt registers wait for nobody.
 */
public final class VirtioDevice implements Mmio {
    /** Buffers that one queue gets in a turn. */
    private static final int ROUND = 64;

    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int VENDOR = 0x4c_47_58;

    private final DeviceType type;
    private final DeviceSide side;
    private final long offered;
    private final int largestQueue;
    private final Runnable bell;
    private final Runnable interrupt;
    private final RequestedQueue[] queues;

    /** Bit n: queue n has new buffers. */
    private final AtomicLong notified = new AtomicLong();

    private final AtomicInteger interruptStatus = new AtomicInteger();

    /** Guards all that follows. */
    private final Object lock = new Object();

    private int status;
    private long accepted;
    private int deviceFeaturesSel;
    private int driverFeaturesSel;
    private int queueSel;
    private int generation;

    /**
     * A device that nobody drives yet.
     *
     * @param type what it does
     * @param side how it reaches its driver's memory
     * @param queueFeatures of {@link Feature#ALL}, what it offers; {@link DeviceType#mandatory} in any case
     * @param largestQueue a power of two
     * @param bell called by the driver's thread when there is work for {@link #work}
     * @param interrupt called when the driver shall look at the interrupt status
     */
    public VirtioDevice(
            DeviceType type, DeviceSide side, long queueFeatures, int largestQueue, Runnable bell, Runnable interrupt) {
        this.type = type;
        this.side = side;
        this.offered = type.features() | (queueFeatures & Feature.ALL & ~Feature.MANDATORY) | type.mandatory();
        this.largestQueue = largestQueue;
        this.bell = bell;
        this.interrupt = interrupt;
        this.queues = new RequestedQueue[type.queues()];
        Arrays.setAll(queues, n -> new RequestedQueue());
        type.attached(new Attention() {
            @Override
            public void queue(int number) {
                notifyQueue(number);
            }

            @Override
            public void configuration() {
                configurationChanged();
            }
        });
    }

    // What the driver reads and writes

    @Override
    public int read(int offset) {
        if (offset == INTERRUPT_STATUS) {
            return interruptStatus.get();
        }
        synchronized (lock) {
            return switch (offset) {
                case MAGIC_VALUE -> MAGIC;
                case VERSION -> VERSION_2;
                case DEVICE_ID -> type.deviceId();
                case VENDOR_ID -> VENDOR;
                case DEVICE_FEATURES -> word(offered, deviceFeaturesSel);
                case QUEUE_SIZE_MAX -> isQueue(queueSel) ? largestQueue : 0;
                case QUEUE_READY -> isQueue(queueSel) && queues[queueSel].ready() ? 1 : 0;
                case STATUS -> status;
                case CONFIG_GENERATION -> generation;
                default -> offset >= CONFIG ? type.configuration(offset - CONFIG) : 0;
            };
        }
    }

    private static int word(long features, int select) {
        return select == 0 || select == 1 ? (int) (features >>> (select * Integer.SIZE)) : 0;
    }

    @Override
    public void write(int offset, int value) {
        switch (offset) {
            case QUEUE_NOTIFY -> notifyQueue(value & 0xffff);
            case INTERRUPT_ACK -> interruptStatus.getAndUpdate(pending -> pending & ~value);
            default -> {
                synchronized (lock) {
                    control(offset, value);
                }
            }
        }
    }

    private void notifyQueue(int number) {
        if (isQueue(number)) {
            notified.getAndUpdate(pending -> pending | 1L << number);
            bell.run();
        }
    }

    private void control(int offset, int value) {
        switch (offset) {
            case DEVICE_FEATURES_SEL -> deviceFeaturesSel = value;
            case DRIVER_FEATURES_SEL -> driverFeaturesSel = value;
            case DRIVER_FEATURES -> accept(value);
            case QUEUE_SEL -> queueSel = value;
            case QUEUE_READY -> setReady(value);
            case QUEUE_RESET -> resetQueue(value);
            case STATUS -> setStatus(value);
            default -> {
                if (offset >= CONFIG) {
                    type.configure(offset - CONFIG, value);
                } else if (isQueue(queueSel)) {
                    queues[queueSel].write(offset, value);
                }
            }
        }
    }

    private boolean isQueue(int number) {
        return number >= 0 && number < queues.length;
    }

    // Status and features: 2.1, 2.2, 2.4

    private void setStatus(int value) {
        if (value == 0) {
            reset();
            return;
        }
        boolean agrees = (accepted & ~offered) == 0 && Feature.has(accepted, type.mandatory());
        boolean begins = (value & ~status & DeviceStatus.FEATURES_OK) != 0;
        // A driver clears no bit, and does not say that the device needs a reset.
        status |= value & ~DeviceStatus.DEVICE_NEEDS_RESET & (agrees ? -1 : ~DeviceStatus.FEATURES_OK);
        if (begins && agrees) {
            type.begin(accepted);
        }
    }

    /** Only before features are agreed on. */
    private void accept(int value) {
        if ((status & DeviceStatus.FEATURES_OK) == 0 && (driverFeaturesSel == 0 || driverFeaturesSel == 1)) {
            int shift = driverFeaturesSel * Integer.SIZE;
            accepted = (accepted & ~(0xffff_ffffL << shift)) | (value & 0xffff_ffffL) << shift;
        }
    }

    private void reset() {
        for (RequestedQueue queue : queues) {
            queue.clear();
        }
        side.release();
        type.reset();
        status = 0;
        accepted = 0;
        notified.set(0);
        interruptStatus.set(0);
    }

    /** The device cannot go on: nothing is served until it is reset. */
    private void needsReset() {
        if ((status & DeviceStatus.DEVICE_NEEDS_RESET) == 0) {
            status |= DeviceStatus.DEVICE_NEEDS_RESET;
            tellConfiguration();
        }
    }

    private void configurationChanged() {
        synchronized (lock) {
            tellConfiguration();
        }
    }

    /** Only a driver that is ready is interrupted (2.1.2). */
    private void tellConfiguration() {
        generation++;
        if ((status & DeviceStatus.DRIVER_OK) != 0) {
            raise(CONFIGURATION_CHANGE);
        }
    }

    private void raise(int event) {
        interruptStatus.getAndUpdate(pending -> pending | event);
        interrupt.run();
    }

    // Queues: 2.6 and 4.2.3.2

    private void setReady(int value) {
        if (!isQueue(queueSel)) {
            return;
        }
        RequestedQueue requested = queues[queueSel];
        if (value == 1 && !requested.ready() && (status & DeviceStatus.FEATURES_OK) != 0) {
            begin(requested);
        } else if (value == 0) {
            end(requested);
        }
    }

    /** A queue that cannot stand where the driver says makes the device need a reset. */
    private void begin(RequestedQueue requested) {
        boolean packed = Feature.has(accepted, Feature.RING_PACKED);
        if (requested.size < 1 || requested.size > largestQueue) {
            needsReset();
            return;
        }
        QueueLayout layout =
                new QueueLayout(requested.size, requested.descriptors, requested.driverArea, requested.deviceArea);
        if (!layout.fits(packed) || !keep(layout, packed)) {
            needsReset();
            return;
        }
        requested.layout = layout;
        requested.queue = DeviceQueue.of(side, layout, accepted);
    }

    /** The ring of a packed queue is written by both sides; of a split one the device writes its own area alone. */
    private boolean keep(QueueLayout layout, boolean packed) {
        if (side.keep(layout.descriptors(), layout.descriptorsBytes(), packed ? READ_WRITE : Access.READ) != 0) {
            return false;
        }
        if (side.keep(layout.driverArea(), layout.driverAreaBytes(packed), Access.READ) != 0) {
            side.drop(layout.descriptors(), layout.descriptorsBytes());
            return false;
        }
        if (side.keep(layout.deviceArea(), layout.deviceAreaBytes(packed), READ_WRITE) != 0) {
            side.drop(layout.driverArea(), layout.driverAreaBytes(packed));
            side.drop(layout.descriptors(), layout.descriptorsBytes());
            return false;
        }
        return true;
    }

    private void end(RequestedQueue requested) {
        QueueLayout layout = requested.layout;
        if (layout != null) {
            boolean packed = Feature.has(accepted, Feature.RING_PACKED);
            side.drop(layout.descriptors(), layout.descriptorsBytes());
            side.drop(layout.driverArea(), layout.driverAreaBytes(packed));
            side.drop(layout.deviceArea(), layout.deviceAreaBytes(packed));
            requested.clear();
        }
    }

    /** Over when the write is: QueueReset never reads as 1. */
    private void resetQueue(int value) {
        if (value == 1 && isQueue(queueSel) && Feature.has(accepted, Feature.RING_RESET)) {
            end(queues[queueSel]);
        }
    }

    // What the device does, on its own thread

    /**
     * Works on the queues that were notified.
     *
     * @return whether something may be left to do
     */
    public boolean work() {
        boolean more = false;
        long pending = notified.getAndSet(0);
        while (pending != 0) {
            int number = Long.numberOfTrailingZeros(pending);
            pending &= pending - 1;
            synchronized (lock) {
                more |= serve(number);
            }
        }
        return more;
    }

    private boolean serve(int number) {
        DeviceQueue queue = queues[number].queue;
        if (queue == null || !operates()) {
            return false;
        }
        queue.disableNotifications();
        type.serve(number, queue, side, ROUND);
        side.requestDone();
        if (queue.publish()) {
            raise(USED_BUFFER);
        }
        if (queue.fault() != QueueFault.NONE) {
            needsReset();
            return false;
        }
        if (!type.waitsFor(number)) {
            return false;
        }
        boolean more = queue.enableNotifications();
        if (more) {
            notified.getAndUpdate(pending -> pending | 1L << number);
        }
        return more;
    }

    private boolean operates() {
        return (status & (DeviceStatus.DRIVER_OK | DeviceStatus.DEVICE_NEEDS_RESET | DeviceStatus.FAILED))
                == DeviceStatus.DRIVER_OK;
    }
}
