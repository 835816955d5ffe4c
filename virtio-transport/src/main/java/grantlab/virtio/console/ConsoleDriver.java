package grantlab.virtio.console;

import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.virtio.device.Buffers;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.device.VirtioDriver;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DriverQueue;
import java.lang.foreign.MemorySegment;

/**
 * The driver of a console device: a page that it prints from and a page that is typed into, one buffer of either queue at a time. By the
 * thread of its kernel.
 */
public final class ConsoleDriver implements AutoCloseable {
    /** {@link #print}: the page is under way. {@link #read}: nothing was typed. */
    public static final int NONE = DriverQueue.NONE;

    /** The device used what it was not given: the queue does nothing until a reset. */
    public static final int BROKEN = DriverQueue.BROKEN;

    private final GuestKernel kernel;
    private final Vcpu vcpu;
    private final Buffers buffers;
    private final VirtioDriver driver;
    private final DescriptorChain chain = new DescriptorChain(1);
    private final Direction printing;
    private final Direction typing;

    /** A page, and whether the device has it. */
    private static final class Direction {
        final int queue;
        final long page;
        long bus;
        boolean underWay;

        Direction(int queue, long page) {
            this.queue = queue;
            this.page = page;
        }
    }

    /**
     * A driver of a device that it has not looked at yet.
     *
     * @param registers of the device
     * @param kernel of the driver's guest
     * @param side its transport
     * @param mode as driver and device agreed
     * @throws IllegalStateException when there is no memory for it
     */
    public ConsoleDriver(Mmio registers, GuestKernel kernel, DriverSide side, Endpoint.Mode mode) {
        this.kernel = kernel;
        this.vcpu = kernel.vcpu();
        this.buffers = new Buffers(side, mode);
        this.driver = new VirtioDriver(registers, kernel, side, 2);
        this.printing = new Direction(Console.TRANSMITQ, page());
        this.typing = new Direction(Console.RECEIVEQ, page());
    }

    private long page() {
        long page = kernel.allocatePages(Page.ORDER_4K);
        if (page < 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " has no pages for a console driver");
        }
        return page;
    }

    /**
     * Finds the device, or finds it again after {@link #reset}; from then on it can be typed.
     *
     * @param wanted features
     * @param size of the queues
     * @return what was agreed on
     * @throws IllegalStateException as {@link VirtioDriver#negotiate}, or when the transport has no room
     */
    public long begin(long wanted, int size) {
        long features = driver.negotiate(Console.DEVICE_ID, wanted);
        driver.setUpQueue(Console.RECEIVEQ, size);
        driver.setUpQueue(Console.TRANSMITQ, size).disableNotifications();
        driver.ready();
        if (!offer(typing, Page.SIZE)) {
            throw new IllegalStateException("the transport has no room for a console driver");
        }
        return features;
    }

    /**
     * The queues' driver: to look at interrupts, and whether the device needs a reset.
     *
     * @return always the same
     */
    public VirtioDriver virtio() {
        return driver;
    }

    /**
     * How wide the screen is.
     *
     * @return columns, as the configuration says
     */
    public int columns() {
        return driver.configuration(Console.SIZE) & 0xffff;
    }

    /**
     * How high the screen is.
     *
     * @return rows, as the configuration says
     */
    public int rows() {
        return driver.configuration(Console.SIZE) >>> Short.SIZE;
    }

    private boolean offer(Direction direction, int length) {
        direction.bus = buffers.expose(direction.page, Page.SIZE, direction.queue == Console.RECEIVEQ);
        if (direction.bus == DriverSide.NONE) {
            return false;
        }
        chain.clear();
        if (direction.queue == Console.RECEIVEQ) {
            chain.write(direction.bus, length);
        } else {
            chain.read(direction.bus, length);
        }
        if (driver.queue(direction.queue).add(chain) < 0) {
            buffers.done(direction.bus, Page.SIZE);
            return false;
        }
        direction.underWay = true;
        driver.publish(direction.queue);
        return true;
    }

    /** What was under way is done. @return its number, NONE or BROKEN */
    private int poll(Direction direction) {
        int queued = driver.queue(direction.queue).poll();
        if (queued >= 0) {
            direction.underWay = !buffers.done(direction.bus, Page.SIZE);
        }
        return queued;
    }

    /**
     * Prints.
     *
     * @param bytes what, from the first on
     * @return how many were taken, at most a page; NONE while what was printed before is under way; BROKEN
     */
    public int print(byte[] bytes) {
        if (printing.underWay && poll(printing) == BROKEN) {
            return BROKEN;
        }
        if (printing.underWay) {
            return NONE;
        }
        int length = Math.min(bytes.length, Page.SIZE);
        own(vcpu.storeBytes(printing.page, MemorySegment.ofArray(bytes), 0, length));
        return length > 0 && offer(printing, length) ? length : NONE;
    }

    /**
     * Reads what was typed.
     *
     * @param into its beginning is filled, room for a page
     * @return how many bytes; NONE or BROKEN
     */
    public int read(MemorySegment into) {
        int queued = poll(typing);
        if (queued < 0) {
            return queued;
        }
        int length = (int) driver.queue(Console.RECEIVEQ).written();
        if (typing.underWay) {
            return NONE;
        }
        own(vcpu.loadBytes(typing.page, into, 0, length));
        offer(typing, Page.SIZE);
        return length;
    }

    /**
     * Prints a byte without a queue (VIRTIO_CONSOLE_F_EMERG_WRITE): an exit, at any time.
     *
     * @param value the byte
     */
    public void printInEmergency(int value) {
        driver.configure(Console.EMERG_WR, value & 0xff);
    }

    /**
     * Resets the device: what was under way may be printed or not, and its memory is the driver's again.
     *
     * @return whether the device let go of all of it
     */
    public boolean reset() {
        driver.reset();
        boolean all = true;
        for (Direction direction : new Direction[] {printing, typing}) {
            if (direction.underWay) {
                all &= buffers.take(direction.bus, Page.SIZE, false);
            }
            direction.underWay = false;
        }
        all &= buffers.takeAll(false);
        return all;
    }

    /** Resets the device, and gives the driver's own pages back if it let go of them. */
    @Override
    public void close() {
        if (reset()) {
            kernel.freePages(printing.page, Page.ORDER_4K);
            kernel.freePages(typing.page, Page.ORDER_4K);
        }
    }

    private void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " lost its own memory: fault " + fault);
        }
    }
}
