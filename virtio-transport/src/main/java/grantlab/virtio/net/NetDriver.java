package grantlab.virtio.net;

import grantlab.api.Access;
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
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a network device. Each buffer to receive into is a page, so that a device that writes beside its frame writes nobody else's, and
 * any can be taken back alone. Frames to send are the caller's memory until they are done; before each of them stands the one header
 * that says nothing, in a page of its own. In mode POOL pages stay exposed; else they are for each frame. By the thread of its
 * kernel.
 */
public final class NetDriver implements AutoCloseable {
    /** {@link #send}: no room now. {@link #receive}, {@link #sent}: nothing came. */
    public static final int NONE = DriverQueue.NONE;

    /** The device used what it was not given: the queue does nothing until a reset. */
    public static final int BROKEN = DriverQueue.BROKEN;

    /** A frame lies in two pages at most. */
    private static final int MOST_PIECES = 2;

    private final GuestKernel kernel;
    private final Vcpu vcpu;
    private final DriverSide side;
    private final Buffers buffers;
    private final VirtioDriver driver;
    private final DescriptorChain chain = new DescriptorChain(1 + MOST_PIECES);
    private final long header;
    private final Room[] rooms;
    private long headerBus;
    private long lost;

    /** What is in flight, by the number that the queue has for it. */
    private Room[] receiving = {};

    private Frame[] sending = {};

    /** As many as the queue has entries. */
    private Frame[] frames = {};

    /** A page to receive into. */
    private static final class Room {
        final long page;
        long bus;

        /** The device has it: it was offered, or the device says that it is done and does not let go. */
        boolean offered;

        /** It was taken from a device that had it: it is offered no more. */
        boolean gone;

        Room(long page) {
            this.page = page;
        }
    }

    /** A frame under way. */
    private static final class Frame {
        final long[] buses = new long[MOST_PIECES];
        final int[] lengths = new int[MOST_PIECES];
        int pieces;
        boolean inFlight;
    }

    /**
     * A driver of a device that it has not looked at yet.
     *
     * @param registers of the device
     * @param kernel of the driver's guest
     * @param side its transport
     * @param mode as driver and device agreed
     * @param rooms pages to receive into, at most as many as the queue has entries
     * @throws IllegalStateException when there is no memory for it
     */
    public NetDriver(Mmio registers, GuestKernel kernel, DriverSide side, Endpoint.Mode mode, int rooms) {
        this.kernel = kernel;
        this.vcpu = kernel.vcpu();
        this.side = side;
        this.buffers = new Buffers(side, mode);
        this.driver = new VirtioDriver(registers, kernel, side, 2);
        this.header = page();
        this.rooms = new Room[rooms];
        Arrays.setAll(this.rooms, n -> new Room(page()));
    }

    private long page() {
        long page = kernel.allocatePages(Page.ORDER_4K);
        if (page < 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " has no pages for a network driver");
        }
        return page;
    }

    /**
     * Finds the device, or finds it again after {@link #reset}; from then on it receives.
     *
     * @param wanted features
     * @param size of the queues
     * @return what was agreed on
     * @throws IllegalStateException as {@link VirtioDriver#negotiate}
     */
    public long begin(long wanted, int size) {
        long features = driver.negotiate(Net.DEVICE_ID, wanted);
        driver.setUpQueue(Net.RECEIVEQ, size);
        driver.setUpQueue(Net.TRANSMITQ, size).disableNotifications();
        receiving = new Room[size];
        sending = new Frame[size];
        frames = new Frame[size];
        Arrays.setAll(frames, n -> new Frame());
        for (int n = 0; n < Net.HEADER; n += Integer.BYTES) {
            own(vcpu.store(header + n, Integer.BYTES, 0));
        }
        headerBus = side.expose(header, Page.SIZE, Access.READ);
        if (headerBus == DriverSide.NONE) {
            throw new IllegalStateException("the transport has no room for a network driver");
        }
        driver.ready();
        for (Room room : rooms) {
            offer(room);
        }
        driver.publish(Net.RECEIVEQ);
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
     * The address of the device.
     *
     * @return the low 48 bits
     */
    public long address() {
        int high = Integer.reverseBytes(driver.configuration(Net.MAC));
        short low = Short.reverseBytes((short) driver.configuration(Net.MAC + Integer.BYTES));
        return Integer.toUnsignedLong(high) << Short.SIZE | (low & 0xffffL);
    }

    /**
     * Whether the link is up.
     *
     * @return as the configuration says
     */
    public boolean linkUp() {
        return ((driver.configuration(Net.MAC + Integer.BYTES) >>> Short.SIZE) & Net.LINK_UP) != 0;
    }

    // ---- receiving

    private void offer(Room room) {
        long bus = room.offered || room.gone ? DriverSide.NONE : buffers.expose(room.page, Page.SIZE, true);
        if (bus == DriverSide.NONE) {
            return;
        }
        room.bus = bus;
        chain.clear();
        int queued = driver.queue(Net.RECEIVEQ).add(chain.write(room.bus, Net.HEADER + Ethernet.LONGEST));
        room.offered = queued >= 0;
        if (room.offered) {
            receiving[queued] = room;
        } else {
            buffers.done(room.bus, Page.SIZE);
        }
    }

    /**
     * The next frame that came; its buffer is the device's again.
     *
     * @param into its beginning is filled, room for 1514 bytes
     * @return the length of the frame in bytes; NONE or BROKEN
     */
    public int receive(MemorySegment into) {
        // A device that fills buffers with nothing as fast as they are offered does not keep the driver here.
        for (int tries = 0; tries < rooms.length; tries++) {
            int queued = driver.queue(Net.RECEIVEQ).poll();
            if (queued < 0) {
                return queued;
            }
            Room room = receiving[queued];
            int length = read(room, driver.queue(Net.RECEIVEQ).written(), into);
            offer(room);
            driver.publish(Net.RECEIVEQ);
            if (length != NONE) {
                return length;
            }
            lost++;
        }
        return NONE;
    }

    /** What is withdrawn is looked at afterwards: the device changes it no more. */
    private int read(Room room, long written, MemorySegment into) {
        boolean back = room.gone || buffers.done(room.bus, Page.SIZE);
        room.offered = !back;
        long length = written - Net.HEADER;
        if (!back || room.gone || !Ethernet.isLength(length)) {
            return NONE;
        }
        own(vcpu.load(room.page + Net.HEADER_FLAGS, Short.BYTES));
        long offloads = vcpu.value();
        own(vcpu.load(room.page + Net.HEADER_NUM_BUFFERS, Short.BYTES));
        if (offloads != 0 || vcpu.value() != 1) {
            return NONE;
        }
        own(vcpu.loadBytes(room.page + Net.HEADER, into, 0, (int) length));
        return (int) length;
    }

    /**
     * Buffers that the device gave back without a frame that can be used.
     *
     * @return how many, so far
     */
    public long lost() {
        return lost;
    }

    /**
     * A page to receive into.
     *
     * @param room which
     * @return guest address
     */
    public long room(int room) {
        return rooms[room].page;
    }

    /**
     * Takes a page to receive into from the device, which has it. What comes into it meanwhile is lost, and it is offered no more.
     *
     * @param room which
     * @return as {@link DriverSide#revoke}
     */
    public int takeBack(int room) {
        Room taken = rooms[room];
        int status = buffers.revoke(taken.page, taken.bus);
        taken.gone |= status == 0;
        return status;
    }

    // ---- sending

    /**
     * Adds a frame; the device sees it with {@link #publish}. Its memory is the device's until {@link #sent} tells its number.
     *
     * @param address of the frame, in pages of the guest that follow each other
     * @param length in bytes; whether a frame may be so long is the device's to say
     * @return a number; NONE or BROKEN
     */
    public int send(long address, int length) {
        if (length < 1 || Page.offset(address) + length > MOST_PIECES * Page.SIZE) {
            throw new IllegalArgumentException(length + " bytes touch more than " + MOST_PIECES + " pages, or none");
        }
        Frame frame = idle();
        if (frame == null) {
            return NONE;
        }
        chain.clear();
        chain.read(headerBus, Net.HEADER);
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, Page.SIZE - Page.offset(address + done));
            long bus = buffers.expose(address + done, part, false);
            if (bus == DriverSide.NONE) {
                withdraw(frame);
                return NONE;
            }
            frame.buses[frame.pieces] = bus;
            frame.lengths[frame.pieces] = part;
            frame.pieces++;
            chain.read(bus, part);
            done += part;
        }
        int queued = driver.queue(Net.TRANSMITQ).add(chain);
        if (queued < 0) {
            withdraw(frame);
            return queued;
        }
        sending[queued] = frame;
        frame.inFlight = true;
        return queued;
    }

    private @Nullable Frame idle() {
        for (Frame frame : frames) {
            if (!frame.inFlight) {
                return frame;
            }
        }
        return null;
    }

    private boolean withdraw(Frame frame) {
        boolean all = true;
        for (int n = 0; n < frame.pieces; n++) {
            all &= buffers.done(frame.buses[n], frame.lengths[n]);
        }
        frame.pieces = 0;
        frame.inFlight = false;
        return all;
    }

    /** Makes available what was added. */
    public void publish() {
        driver.publish(Net.TRANSMITQ);
    }

    /**
     * The next frame that is done: whether it arrives anywhere nobody tells.
     *
     * @return as {@link #send} answered, NONE or BROKEN
     * @throws IllegalStateException when the device says so and still uses its memory
     */
    public int sent() {
        int queued = driver.queue(Net.TRANSMITQ).poll();
        if (queued >= 0 && !withdraw(sending[queued])) {
            throw new IllegalStateException("the device still uses a frame that is done");
        }
        return queued;
    }

    // ---- the end

    /**
     * Resets the device: what was in flight is lost, and its memory is the driver's again.
     *
     * @return whether the device let go of all of it
     */
    public boolean reset() {
        driver.reset();
        boolean all = buffers.takeExposed(headerBus, Page.SIZE, false);
        for (Room room : rooms) {
            if (room.offered && !room.gone) {
                all &= buffers.take(room.bus, Page.SIZE, false);
            }
            room.offered = false;
            room.gone = false;
        }
        for (Frame frame : frames) {
            for (int n = 0; n < frame.pieces; n++) {
                all &= buffers.take(frame.buses[n], frame.lengths[n], false);
            }
        }
        receiving = new Room[0];
        sending = new Frame[0];
        frames = new Frame[0];
        all &= buffers.takeAll(false);
        return all;
    }

    /** Resets the device, and gives the driver's own pages back if it let go of them. */
    @Override
    public void close() {
        if (receiving.length == 0 || reset()) {
            kernel.freePages(header, Page.ORDER_4K);
            for (Room room : rooms) {
                kernel.freePages(room.page, Page.ORDER_4K);
            }
        }
    }

    private void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " lost its own memory: fault " + fault);
        }
    }
}
