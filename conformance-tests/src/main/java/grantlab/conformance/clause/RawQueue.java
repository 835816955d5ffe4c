package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.api.transport.DriverSide;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import grantlab.virtio.device.DeviceStatus;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.queue.Feature;

/**
 * A queue of a device as a hostile driver has it: every register and every descriptor is what the clause writes. Descriptors, the driver's
 * area and the device's have a page each. Of either layout.
 */
final class RawQueue {
    /** VIRTQ_DESC_F_NEXT. */
    static final int NEXT = 1;

    /** VIRTQ_DESC_F_WRITE. */
    static final int WRITE = 2;

    /** VIRTQ_DESC_F_INDIRECT. */
    static final int INDIRECT = 4;

    /** Bytes of a descriptor. */
    static final int DESCRIPTOR = 16;

    private static final int AVAIL = 1 << 7;
    private static final int READ_WRITE = Access.READ | Access.WRITE;

    private final GuestKernel kernel;
    private final Vcpu vcpu;
    private final DriverSide side;
    private final Mmio registers;
    private final Runnable device;
    private final int number;
    private final boolean packed;
    private final long descriptors;
    private final long driverArea;
    private final long deviceArea;

    /** Where the parts are, as the device is told. */
    long descriptorsBus;

    long driverAreaBus;
    long deviceAreaBus;
    int size = BlockScene.QUEUE;
    private int available;

    /** Queue 0 of a block device. */
    RawQueue(BlockScene scene) {
        this(scene.world, scene.kernel, scene.driverSide, scene.registers, () -> scene.device.work(), 0);
    }

    /**
     * Has pages, which are exposed as the layout needs it; the device knows nothing yet.
     *
     * @param kernel of the driver's guest
     * @param side its transport
     * @param registers of the device
     * @param device has it work
     * @param number of the queue
     */
    RawQueue(World world, GuestKernel kernel, DriverSide side, Mmio registers, Runnable device, int number) {
        this.kernel = kernel;
        this.vcpu = kernel.vcpu();
        this.side = side;
        this.registers = registers;
        this.device = device;
        this.number = number;
        this.packed = BlockScene.packed(world);
        this.descriptors = page();
        this.driverArea = page();
        this.deviceArea = page();
        this.descriptorsBus = expose(descriptors, packed ? READ_WRITE : Access.READ);
        this.driverAreaBus = expose(driverArea, Access.READ);
        this.deviceAreaBus = expose(deviceArea, READ_WRITE);
    }

    private long page() {
        long page = kernel.allocatePages(Page.ORDER_4K);
        Expect.holds("the driver's guest has a page", page >= 0);
        return page;
    }

    private long expose(long page, int access) {
        long bus = side.expose(page, Page.SIZE, access);
        Expect.different("bus address of a page", DriverSide.NONE, bus);
        return bus;
    }

    /** Agrees on features and tells the device of the queue. */
    RawQueue begin(long features) {
        negotiate(features | Feature.MANDATORY | (packed ? Feature.RING_PACKED : 0));
        setUp();
        addStatus(DeviceStatus.DRIVER_OK);
        return this;
    }

    /** Agrees on features; answers whether the device agrees. */
    boolean negotiate(long features) {
        registers.write(Mmio.STATUS, 0);
        addStatus(DeviceStatus.ACKNOWLEDGE);
        addStatus(DeviceStatus.DRIVER);
        for (int word = 0; word < 2; word++) {
            registers.write(Mmio.DRIVER_FEATURES_SEL, word);
            registers.write(Mmio.DRIVER_FEATURES, (int) (features >>> (word * Integer.SIZE)));
        }
        addStatus(DeviceStatus.FEATURES_OK);
        return (status() & DeviceStatus.FEATURES_OK) != 0;
    }

    void addStatus(int bit) {
        registers.write(Mmio.STATUS, status() | bit);
    }

    int status() {
        return registers.read(Mmio.STATUS);
    }

    boolean setUp() {
        registers.write(Mmio.QUEUE_SEL, number);
        registers.write(Mmio.QUEUE_SIZE, size);
        place(Mmio.QUEUE_DESC_LOW, descriptorsBus);
        place(Mmio.QUEUE_DRIVER_LOW, driverAreaBus);
        place(Mmio.QUEUE_DEVICE_LOW, deviceAreaBus);
        registers.write(Mmio.QUEUE_READY, 1);
        return registers.read(Mmio.QUEUE_READY) == 1;
    }

    private void place(int register, long bus) {
        registers.write(register, (int) bus);
        registers.write(register + Integer.BYTES, (int) (bus >>> Integer.SIZE));
    }

    // ---- descriptors

    /**
     * Writes a descriptor.
     *
     * @param n which
     * @param last split: what NEXT leads to; packed: the id
     */
    void put(int n, long address, long length, int flags, int last) {
        if (packed) {
            raw(descriptors + (long) n * DESCRIPTOR, address, length, last, flags | AVAIL);
        } else {
            raw(descriptors + (long) n * DESCRIPTOR, address, length, flags, last);
        }
    }

    /** Writes a descriptor of a table that stands in a page of the driver's. */
    void putInTable(long table, int n, long address, long length, int flags, int last) {
        raw(table + (long) n * DESCRIPTOR, address, length, packed ? last : flags, packed ? flags : last);
    }

    private void raw(long at, long address, long length, int third, int fourth) {
        vcpu.store(at, Long.BYTES, address);
        vcpu.store(at + Long.BYTES, Long.BYTES, (length & 0xffff_ffffL) | (long) third << 32 | (long) fourth << 48);
    }

    /** Makes the chain that begins with descriptor 0 available, where the layout asks for that, and notifies. */
    void offer() {
        offer(0, available + 1);
    }

    /**
     * Split queues: writes a head and the index.
     *
     * @param head what stands in the ring
     * @param index what the driver says that it made available, all together
     */
    void offer(int head, int index) {
        if (!packed) {
            vcpu.store(driverArea + 4 + (available % size) * 2L, Short.BYTES, head);
            vcpu.store(driverArea + 2, Short.BYTES, index);
        }
        available++;
        ring();
    }

    /** Notifies, and the device works. */
    void ring() {
        registers.write(Mmio.QUEUE_NOTIFY, number);
        device.run();
    }

    /** Gives the pages back; the device has let go of them. */
    void giveBack() {
        registers.write(Mmio.STATUS, 0);
        for (long bus : new long[] {descriptorsBus, driverAreaBus, deviceAreaBus}) {
            side.withdraw(bus, Page.SIZE);
        }
        for (long page : new long[] {descriptors, driverArea, deviceArea}) {
            kernel.freePages(page, Page.ORDER_4K);
        }
    }
}
