package grantlab.benchmark;

import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.api.transport.Transport;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.virtio.block.Block;
import grantlab.virtio.block.BlockDevice;
import grantlab.virtio.block.BlockDriver;
import grantlab.virtio.block.MemoryDisk;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.device.VirtioDevice;
import grantlab.virtio.queue.Feature;

/**
 * A driver in one domain, a block device over memory in another, and a transport between them, all on one thread: a round submits some
 * requests, has the device work, and completes them. What an exit costs on a real machine is waited for, once for each exit that was
 * counted in the round.
 */
final class BlockLaboratory implements AutoCloseable {
    private static final int DRIVER = 1;
    private static final int DEVICE = 2;
    private static final int QUEUE = 64;
    private static final int SECTORS = 2048;

    private final Machine machine = Machine.start(Settings.usual().withGrantFormat(Laboratory.TREE));
    private final MemoryDisk disk = new MemoryDisk(SECTORS);
    private final DriverSide driverSide;
    private final DeviceSide deviceSide;
    private final VirtioDevice device;
    private final BlockDriver driver;
    private final long[] pages;
    private final int exitNanos;

    /** Accesses to registers of the block device: each is an exit. */
    private long registerExits;

    /**
     * A laboratory.
     *
     * @param transport name of it
     * @param mode how buffers are handed over
     * @param depth requests in a round
     * @param exitNanos what an exit costs
     */
    BlockLaboratory(String transport, Endpoint.Mode mode, int depth, int exitNanos) {
        this.exitNanos = exitNanos;
        GuestKernel kernel = boot(DomainConfig.usual(DRIVER, "hvm")).kernel();
        GuestKernel devices =
                boot(DomainConfig.usual(DEVICE, "hvm").withPrivilege()).kernel();
        Transport way = machine.transport(transport);
        Endpoint endpoint = new Endpoint(DRIVER, DEVICE, 0, mode);
        driverSide = way.driver(kernel, endpoint);
        deviceSide = way.device(devices, endpoint);
        device = new VirtioDevice(
                new BlockDevice(disk, "benchmark", QUEUE), deviceSide, Feature.ALL, QUEUE, () -> {}, () -> {});
        driver = new BlockDriver(counted(device), kernel, driverSide, mode);
        driver.begin(Feature.RING_PACKED | Feature.EVENT_IDX | Block.F_FLUSH, QUEUE);
        driver.virtio().queue(0).disableNotifications();
        pages = new long[depth];
        for (int n = 0; n < depth; n++) {
            pages[n] = kernel.allocatePages(Page.ORDER_4K);
        }
    }

    private Guest boot(DomainConfig config) {
        int error = machine.createDomain(config);
        if (error != 0) {
            throw new IllegalStateException("domain " + config.domid() + " was refused: " + error);
        }
        return machine.boot(config.domid(), GuestLayout.LABORATORY);
    }

    private Mmio counted(Mmio registers) {
        return new Mmio() {
            @Override
            public int read(int offset) {
                registerExits++;
                return registers.read(offset);
            }

            @Override
            public void write(int offset, int value) {
                registerExits++;
                registers.write(offset, value);
            }
        };
    }

    /** Exits of both sides so far. */
    long exits() {
        return registerExits + driverSide.counts().exits + deviceSide.counts().exits;
    }

    /** Of those, what the driver did to expose and withdraw. */
    long driverExits() {
        return driverSide.counts().exits;
    }

    /** A round: as many writes of 4 KiB as the depth says. */
    void round() {
        long before = exits();
        for (int n = 0; n < pages.length; n++) {
            if (driver.submit(Block.OUT, (long) n * (Page.SIZE / Block.SECTOR), pages[n], Page.SIZE) < 0) {
                throw new IllegalStateException("no room for request " + n);
            }
        }
        driver.publish();
        device.work();
        for (int n = 0; n < pages.length; n++) {
            int done = driver.complete();
            if (done < 0 || driver.status(done) != Block.OK) {
                throw new IllegalStateException("request " + n + " is not done: " + done);
            }
        }
        await((exits() - before) * exitNanos);
    }

    private static void await(long nanos) {
        if (nanos > 0) {
            long end = System.nanoTime() + nanos;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }
    }

    /** Stops, and fails when anything was left behind. */
    @Override
    public void close() {
        try (machine) {
            driver.close();
            deviceSide.close();
            driverSide.close();
            if (deviceSide.counts().mappingsLive != 0) {
                throw new IllegalStateException(deviceSide.counts().mappingsLive + " pages are still mapped");
            }
            machine.checkInvariants();
        }
        disk.close();
    }
}
