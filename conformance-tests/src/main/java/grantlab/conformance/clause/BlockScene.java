package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Choice;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Party;
import grantlab.conformance.RequestCost;
import grantlab.conformance.World;
import grantlab.virtio.block.Block;
import grantlab.virtio.block.BlockDevice;
import grantlab.virtio.block.BlockDriver;
import grantlab.virtio.block.Disk;
import grantlab.virtio.block.MemoryDisk;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.device.VirtioDevice;
import grantlab.virtio.queue.Feature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A block device in the grantee, and in the granter what drives it, over the combination's transport and with queues as the combination
 * says. The device works when the clause says so.
 */
final class BlockScene implements AutoCloseable {
    /** Number of the device among those of the granter. */
    static final int DEVICE = 3;

    /** Entries of its queue. */
    static final int QUEUE = 16;

    /** Capacity. */
    static final int SECTORS = 64;

    /** What a driver of blocks wants. */
    static final long BLOCK_FEATURES = Block.F_FLUSH | Block.F_DISCARD;

    private static final int READ_WRITE = Access.READ | Access.WRITE;

    final World world;
    final Endpoint endpoint;
    final GuestKernel kernel;
    final Disk disk;
    final DriverSide driverSide;
    DeviceSide deviceSide;
    VirtioDevice device;

    /** Where the device is. */
    Party backend;

    /** Where the driver looks: the device behind it may be replaced. */
    final Mmio registers = new Mmio() {
        @Override
        public int read(int offset) {
            registerExits++;
            return device.read(offset);
        }

        @Override
        public void write(int offset, int value) {
            registerExits++;
            if (offset == QUEUE_DEVICE_LOW || offset == QUEUE_DESC_LOW) {
                lows[offset == QUEUE_DESC_LOW ? 0 : 1] = value;
            }
            if (offset == QUEUE_DEVICE_LOW + Integer.BYTES || offset == QUEUE_DESC_LOW + Integer.BYTES) {
                highs[offset == QUEUE_DESC_LOW + Integer.BYTES ? 0 : 1] = value;
            }
            device.write(offset, value);
        }
    };

    private final int[] lows = new int[2];
    private final int[] highs = new int[2];
    private int interrupts;

    /** Accesses to registers: each is an exit. */
    private long registerExits;

    BlockScene(World world, Endpoint.Mode mode) {
        this(world, mode, side -> side);
    }

    /** A device that keeps its blocks elsewhere; the disk is closed with the scene. */
    BlockScene(World world, Endpoint.Mode mode, Disk disk) {
        this(world, mode, side -> side, disk);
    }

    /**
     * A device that misbehaves.
     *
     * @param lie what becomes of the device's side before the device has it
     */
    BlockScene(World world, Endpoint.Mode mode, UnaryOperator<DeviceSide> lie) {
        this(world, mode, lie, new MemoryDisk(SECTORS));
    }

    private BlockScene(World world, Endpoint.Mode mode, UnaryOperator<DeviceSide> lie, Disk disk) {
        this(world, new Endpoint(World.GRANTER, World.GRANTEE, DEVICE, mode), lie, disk);
    }

    private BlockScene(World world, Endpoint endpoint, UnaryOperator<DeviceSide> lie, Disk disk) {
        this.disk = disk;
        this.world = world;
        this.endpoint = endpoint;
        this.backend = world.grantee();
        this.kernel = world.granter().kernel();
        this.driverSide = world.transport().driver(kernel, endpoint);
        this.deviceSide = world.transport().device(backend.kernel(), endpoint);
        this.device = over(lie.apply(deviceSide));
    }

    /** The driver names the domain of the device by a virtual domid, behind which the grantee is now. */
    static BlockScene behind(World world, int virtual, Endpoint.Mode mode, Disk disk) {
        return new BlockScene(world, new Endpoint(World.GRANTER, virtual, DEVICE, mode), side -> side, disk);
    }

    private VirtioDevice over(DeviceSide side) {
        BlockDevice blocks = new BlockDevice(disk, "laboratory-disk", QUEUE);
        return new VirtioDevice(blocks, side, Feature.ALL, QUEUE, () -> {}, () -> interrupts++);
    }

    /** The device of before is no more; another one over the same disk takes its place. */
    void plugAnother() {
        plugInto(backend);
    }

    /** The same, in a domain that may be another one. */
    void plugInto(Party domain) {
        backend = domain;
        deviceSide = world.transport().device(backend.kernel(), endpoint);
        device = over(deviceSide);
    }

    /** The ways to hand buffers over that the combination's transport has. */
    static List<Endpoint.Mode> modes(World world) {
        return Arrays.stream(Endpoint.Mode.values())
                .filter(mode -> mode != Endpoint.Mode.COPY || declares(world, Capability.HYPERVISOR_COPIES))
                .toList();
    }

    static boolean declares(World world, Capability capability) {
        Choice transport = world.combination().member(Member.TRANSPORT);
        return transport != null && transport.declares(capability);
    }

    static boolean packed(World world) {
        Choice queue = world.combination().member(Member.QUEUE);
        return queue != null && queue.declares(Capability.PACKED_RING);
    }

    /** The layout of queues that the combination says, and nothing else. */
    long layout() {
        return packed(world) ? Feature.RING_PACKED : 0;
    }

    /** A driver that has agreed with the device. */
    BlockDriver begin(long features) {
        BlockDriver driver = new BlockDriver(registers, kernel, driverSide, endpoint.mode());
        driver.begin(BLOCK_FEATURES | layout() | features, QUEUE);
        return driver;
    }

    /** Bus address of the descriptors of the queue that was set up last. */
    long descriptors() {
        return address(0);
    }

    /** Bus address of what the device writes of the queue that was set up last. */
    long deviceArea() {
        return address(1);
    }

    private long address(int n) {
        return Integer.toUnsignedLong(lows[n]) | (long) highs[n] << Integer.SIZE;
    }

    int interrupts() {
        return interrupts;
    }

    // ---- requests

    /** One request from beginning to end; the device has not broken down. */
    int perform(BlockDriver driver, int type, long sector, long address, int length) {
        int status = carryOut(driver, type, sector, address, length);
        Expect.holdsNot(
                "the device needs a reset after a request that makes sense",
                driver.virtio().deviceNeedsReset());
        return status;
    }

    /** The same without a look at the device's status, which would be an exit. */
    int carryOut(BlockDriver driver, int type, long sector, long address, int length) {
        int number = driver.submit(type, sector, address, length);
        Expect.holds("the driver has room for a request", number >= 0);
        driver.publish();
        device.work();
        Expect.equal("request that is done", number, driver.complete());
        return driver.status(number);
    }

    /** What a request takes, of both sides and of the registers between them. */
    RequestCost cost(String request, Runnable performed) {
        return Meter.cost(request, List.of(driverSide.counts(), deviceSide.counts()), () -> registerExits, performed);
    }

    /** A page is written and read back. */
    void expectService(BlockDriver driver) {
        long page = page();
        byte[] content = pattern(77);
        put(page, content);
        Expect.equal("status of a write", Block.OK, perform(driver, Block.OUT, 8, page, Page.SIZE));
        put(page, new byte[Page.SIZE]);
        Expect.equal("status of a read", Block.OK, perform(driver, Block.IN, 8, page, Page.SIZE));
        Expect.holds("what is read is what was written", Arrays.equals(content, get(page)));
        give(page);
    }

    // ---- memory of the driver's guest

    long page() {
        long page = kernel.allocatePages(Page.ORDER_4K);
        Expect.holds("the driver's guest has a page", page >= 0);
        return page;
    }

    void give(long page) {
        if (endpoint.mode() != Endpoint.Mode.POOL) {
            kernel.freePages(page, Page.ORDER_4K);
        }
    }

    long expose(long page, int access) {
        long bus = driverSide.expose(page, Page.SIZE, access);
        Expect.different("bus address of a page", DriverSide.NONE, bus);
        return bus;
    }

    long exposedPage() {
        return expose(page(), READ_WRITE);
    }

    void put(long address, byte[] bytes) {
        Expect.equal("fault of a store", 0, kernel.vcpu().storeBytes(address, MemorySegment.ofArray(bytes)));
    }

    byte[] get(long address) {
        byte[] bytes = new byte[Page.SIZE];
        Expect.equal("fault of a load", 0, kernel.vcpu().loadBytes(address, MemorySegment.ofArray(bytes)));
        return bytes;
    }

    static byte[] pattern(int seed) {
        byte[] bytes = new byte[Page.SIZE];
        for (int n = 0; n < bytes.length; n++) {
            bytes[n] = (byte) (seed * 31 + n * 7 + (n >>> 8));
        }
        return bytes;
    }

    /** Machine frame behind a page of the driver's guest. */
    long frame(long page) {
        return world.granter().domain().physicalMap().machineFrame(kernel.frameOf(page));
    }

    /** The device's side lets go first: what it uses is not withdrawn. */
    @Override
    public void close() {
        deviceSide.close();
        driverSide.close();
        Expect.equal("pages of the driver that are still mapped", 0, deviceSide.counts().mappingsLive);
        try {
            disk.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
