package grantlab.virtio.device;

import grantlab.api.Access;
import grantlab.api.guest.GuestKernel;
import grantlab.api.transport.DriverSide;
import grantlab.virtio.queue.DriverQueue;
import grantlab.virtio.queue.Feature;
import grantlab.virtio.queue.IndirectTables;
import grantlab.virtio.queue.QueueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What every driver does, whatever its device: it finds the device, agrees on features, sets up queues, notifies, resets (sections
 * 3.1, 3.3 and 4.2.3). By the thread of its kernel.
 */
public final class VirtioDriver {
    private static final int TABLE_ELEMENTS = 8;

    private final Mmio registers;
    private final GuestKernel kernel;
    private final DriverSide side;
    private final @Nullable DriverQueue[] queues;
    private final @Nullable QueueParts[] parts;
    private long features;

    /**
     * A driver of a device that it has not looked at yet.
     *
     * @param registers of the device
     * @param kernel of the driver's guest
     * @param side its transport
     * @param queueCount how many queues it will use, from the first on
     */
    public VirtioDriver(Mmio registers, GuestKernel kernel, DriverSide side, int queueCount) {
        this.registers = registers;
        this.kernel = kernel;
        this.side = side;
        this.queues = new DriverQueue[queueCount];
        this.parts = new QueueParts[queueCount];
    }

    /**
     * Finds the device and agrees with it (3.1.1, steps 1 to 6, and 4.2.3.1).
     *
     * @param deviceId that it must have
     * @param wanted features that the driver would use; {@link Feature#MANDATORY} in any case
     * @return those that both have
     * @throws IllegalStateException when it is another device, or one that does not agree; it was told that the driver failed
     */
    public long negotiate(int deviceId, long wanted) {
        return negotiate(deviceId, wanted, Feature.MANDATORY);
    }

    /**
     * As the other, with a device that asks for other features.
     *
     * @param deviceId that it must have
     * @param wanted features that the driver would use
     * @param mandatory features without which there is no agreement
     * @return those that both have
     * @throws IllegalStateException as the other
     */
    public long negotiate(int deviceId, long wanted, long mandatory) {
        requireRegister(Mmio.MAGIC_VALUE, Mmio.MAGIC);
        requireRegister(Mmio.VERSION, Mmio.VERSION_2);
        requireRegister(Mmio.DEVICE_ID, deviceId);
        reset();
        addStatus(DeviceStatus.ACKNOWLEDGE);
        addStatus(DeviceStatus.DRIVER);
        long offered = Integer.toUnsignedLong(offered(0)) | (long) offered(1) << Integer.SIZE;
        features = offered & (wanted | mandatory);
        if (!Feature.has(features, mandatory)) {
            throw failed("the device offers 0x" + Long.toHexString(offered) + ": not all of 0x"
                    + Long.toHexString(mandatory) + " is in it");
        }
        accept(0, (int) features);
        accept(1, (int) (features >>> Integer.SIZE));
        addStatus(DeviceStatus.FEATURES_OK);
        if ((registers.read(Mmio.STATUS) & DeviceStatus.FEATURES_OK) == 0) {
            throw failed("the device does not agree to features 0x" + Long.toHexString(features));
        }
        return features;
    }

    private void requireRegister(int offset, int expected) {
        int found = registers.read(offset);
        if (found != expected) {
            throw new IllegalStateException("register 0x" + Integer.toHexString(offset) + " is 0x"
                    + Integer.toHexString(found) + ", not 0x" + Integer.toHexString(expected));
        }
    }

    private int offered(int select) {
        registers.write(Mmio.DEVICE_FEATURES_SEL, select);
        return registers.read(Mmio.DEVICE_FEATURES);
    }

    private void accept(int select, int word) {
        registers.write(Mmio.DRIVER_FEATURES_SEL, select);
        registers.write(Mmio.DRIVER_FEATURES, word);
    }

    private void addStatus(int bit) {
        registers.write(Mmio.STATUS, registers.read(Mmio.STATUS) | bit);
    }

    private IllegalStateException failed(String why) {
        addStatus(DeviceStatus.FAILED);
        return new IllegalStateException(why);
    }

    /**
     * Reads four bytes of the device's configuration.
     *
     * @param offset from its start, aligned to 4
     * @return little endian
     */
    public int configuration(int offset) {
        return registers.read(Mmio.CONFIG + offset);
    }

    /**
     * Writes four bytes of the device's configuration.
     *
     * @param offset from its start, aligned to 4
     * @param value little endian
     */
    public void configure(int offset, int value) {
        registers.write(Mmio.CONFIG + offset, value);
    }

    /**
     * Sets a queue up (4.2.3.2).
     *
     * @param number of the queue
     * @param size wanted; the device may have less
     * @return the queue, empty
     * @throws IllegalStateException when the device has no such queue, does not take it, or there is no memory for it
     */
    public DriverQueue setUpQueue(int number, int size) {
        registers.write(Mmio.QUEUE_SEL, number);
        if (registers.read(Mmio.QUEUE_READY) != 0) {
            throw failed("queue " + number + " is in use");
        }
        int largest = registers.read(Mmio.QUEUE_SIZE_MAX);
        if (largest == 0) {
            throw failed("the device has no queue " + number);
        }
        QueueParts memory = new QueueParts(kernel, side);
        parts[number] = memory;
        DriverQueue queue = place(memory, Math.min(size, largest));
        registers.write(Mmio.QUEUE_READY, 1);
        if (registers.read(Mmio.QUEUE_READY) != 1) {
            throw failed("the device does not take queue " + number);
        }
        queues[number] = queue;
        return queue;
    }

    private DriverQueue place(QueueParts memory, int size) {
        boolean packed = Feature.has(features, Feature.RING_PACKED);
        QueueLayout measure = new QueueLayout(size, 0, 0, 0);
        int ringAccess = packed ? Access.READ | Access.WRITE : Access.READ;
        QueueParts.Part descriptors = memory.take(measure.descriptorsBytes(), ringAccess);
        QueueParts.Part driverArea = memory.take(measure.driverAreaBytes(packed), Access.READ);
        QueueParts.Part deviceArea = memory.take(measure.deviceAreaBytes(packed), Access.READ | Access.WRITE);
        registers.write(Mmio.QUEUE_SIZE, size);
        writeAddress(Mmio.QUEUE_DESC_LOW, descriptors.busAddress());
        writeAddress(Mmio.QUEUE_DRIVER_LOW, driverArea.busAddress());
        writeAddress(Mmio.QUEUE_DEVICE_LOW, deviceArea.busAddress());
        QueueLayout layout = new QueueLayout(size, descriptors.address(), driverArea.address(), deviceArea.address());
        return DriverQueue.of(kernel.vcpu(), layout, features, tables(memory, size));
    }

    private @Nullable IndirectTables tables(QueueParts memory, int size) {
        if (!Feature.has(features, Feature.INDIRECT_DESC)) {
            return null;
        }
        QueueParts.Part[] pages = new QueueParts.Part[IndirectTables.pages(size, TABLE_ELEMENTS)];
        Arrays.setAll(pages, n -> memory.take(IndirectTables.PAGE_BYTES, Access.READ));
        return new IndirectTables(
                Arrays.stream(pages).mapToLong(QueueParts.Part::address).toArray(),
                Arrays.stream(pages).mapToLong(QueueParts.Part::busAddress).toArray(),
                TABLE_ELEMENTS);
    }

    private void writeAddress(int register, long busAddress) {
        registers.write(register, (int) busAddress);
        registers.write(register + Integer.BYTES, (int) (busAddress >>> Integer.SIZE));
    }

    /** The queues are there: the device may begin (3.1.1, step 8). */
    public void ready() {
        addStatus(DeviceStatus.DRIVER_OK);
    }

    /**
     * Makes available what was added to a queue, and notifies the device if it wants to be.
     *
     * @param number of the queue
     */
    public void publish(int number) {
        if (queue(number).publish()) {
            registers.write(Mmio.QUEUE_NOTIFY, number);
        }
    }

    /**
     * A queue that was set up.
     *
     * @param number of it
     * @return always the same until it is reset
     */
    public DriverQueue queue(int number) {
        DriverQueue queue = queues[number];
        if (queue == null) {
            throw new IllegalStateException("queue " + number + " is not set up");
        }
        return queue;
    }

    /**
     * What an interrupt handler does first: looks what happened, and says that it was seen (4.2.3.4).
     *
     * @return {@link Mmio#USED_BUFFER} and {@link Mmio#CONFIGURATION_CHANGE}
     */
    public int acknowledgeInterrupt() {
        int events = registers.read(Mmio.INTERRUPT_STATUS) & (Mmio.USED_BUFFER | Mmio.CONFIGURATION_CHANGE);
        registers.write(Mmio.INTERRUPT_ACK, events);
        return events;
    }

    /**
     * Whether the device is in an error that only {@link #reset} ends.
     *
     * @return if so
     */
    public boolean deviceNeedsReset() {
        return (registers.read(Mmio.STATUS) & DeviceStatus.DEVICE_NEEDS_RESET) != 0;
    }

    /**
     * Resets one queue; what was in flight in it is the driver's again (2.6.1 and 4.2.2.2).
     *
     * @param number of the queue
     * @throws IllegalStateException when that was not negotiated, or the device does not do it
     */
    public void resetQueue(int number) {
        if (!Feature.has(features, Feature.RING_RESET)) {
            throw new IllegalStateException("VIRTIO_F_RING_RESET was not negotiated");
        }
        registers.write(Mmio.QUEUE_SEL, number);
        registers.write(Mmio.QUEUE_RESET, 1);
        if (registers.read(Mmio.QUEUE_RESET) != 0 || registers.read(Mmio.QUEUE_READY) != 0) {
            throw failed("queue " + number + " is not reset");
        }
        release(number);
    }

    /**
     * Resets the device; what was in flight is the driver's again.
     *
     * @throws IllegalStateException when the device does not do it
     */
    public void reset() {
        registers.write(Mmio.STATUS, 0);
        int left = registers.read(Mmio.STATUS);
        if (left != 0) {
            throw new IllegalStateException("after a reset the status is 0x" + Integer.toHexString(left));
        }
        for (int number = 0; number < queues.length; number++) {
            release(number);
        }
    }

    private void release(int number) {
        QueueParts memory = parts[number];
        if (memory != null) {
            memory.giveBack();
        }
        parts[number] = null;
        queues[number] = null;
    }
}
