package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.virtio.console.Console;
import grantlab.virtio.console.ConsoleDevice;
import grantlab.virtio.console.ConsoleDriver;
import grantlab.virtio.device.VirtioDevice;
import grantlab.virtio.queue.Feature;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A console device in the grantee, and a guest that prints and reads, over the combination's transport and with queues as the combination says.
 * The device works when the clause says so.
 */
final class ConsoleScene implements AutoCloseable {
    /** Entries of each queue. */
    static final int QUEUE = 16;

    static final int COLUMNS = 132;
    static final int ROWS = 43;

    private static final int DEVICE = 11;

    final World world;
    final GuestKernel kernel;
    final DriverSide driverSide;
    final DeviceSide deviceSide;
    final ConsoleDevice console;
    final VirtioDevice device;
    final ConsoleDriver driver;
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

    ConsoleScene(World world, Party guest, Endpoint.Mode mode) {
        this.world = world;
        this.kernel = guest.kernel();
        Endpoint endpoint = new Endpoint(guest.domid(), World.GRANTEE, DEVICE, mode);
        this.driverSide = world.transport().driver(kernel, endpoint);
        this.deviceSide = world.transport().device(world.grantee().kernel(), endpoint);
        this.console = new ConsoleDevice(
                (bytes, length) -> screen.writeBytes(bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)),
                COLUMNS,
                ROWS,
                QUEUE);
        this.device = new VirtioDevice(console, deviceSide, Feature.ALL, QUEUE, () -> {}, () -> {});
        this.driver = new ConsoleDriver(device, kernel, driverSide, mode);
    }

    void begin(long features) {
        long layout = BlockScene.packed(world) ? Feature.RING_PACKED : 0;
        driver.begin(Console.F_SIZE | Console.F_EMERG_WRITE | layout | features, QUEUE);
        device.work();
    }

    /** A queue that the clause writes itself. */
    RawQueue raw(int number) {
        return new RawQueue(world, kernel, driverSide, device, device::work, number);
    }

    /** All of it is printed; what was on the screen before is forgotten. */
    void expectPrinted(byte[] bytes) {
        screen.reset();
        Expect.equal("bytes that are taken", bytes.length, driver.print(bytes));
        device.work();
        Expect.holds("what is printed is on the screen", Arrays.equals(bytes, screen.toByteArray()));
    }

    /** What is on the screen. */
    byte[] screen() {
        return screen.toByteArray();
    }

    /** Types all of it, and it is read. */
    void expectTyped(byte[] bytes) {
        Expect.equal("bytes that find room", bytes.length, console.type(bytes));
        device.work();
        Expect.holds("what is read is what was typed", Arrays.equals(bytes, read()));
    }

    /** What is there to be read, in one go. */
    byte[] read() {
        byte[] into = new byte[Page.SIZE];
        int length = driver.read(MemorySegment.ofArray(into));
        Expect.holds("the queue to read from is whole", length != ConsoleDriver.BROKEN);
        return length < 0 ? new byte[0] : Arrays.copyOf(into, length);
    }

    long exposedPage() {
        long page = kernel.allocatePages(Page.ORDER_4K);
        Expect.holds("the guest has a page", page >= 0);
        long bus = driverSide.expose(page, Page.SIZE, Access.READ | Access.WRITE);
        Expect.different("bus address of a page", DriverSide.NONE, bus);
        return bus;
    }

    @Override
    public void close() {
        driver.close();
        deviceSide.close();
        driverSide.close();
        Expect.equal("pages that are still mapped", 0, deviceSide.counts().mappingsLive);
    }
}
