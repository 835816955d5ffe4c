package grantlab.virtio.block;

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
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a block device. Heads and answers of requests lie in two pages that stay exposed, one that the device reads and one that
 * it writes; the data is the caller's. In mode POOL a page of data is exposed when it is first used and stays so until the driver is
 * closed; else it is exposed for the request. By the thread of its kernel.
 */
public final class BlockDriver implements AutoCloseable {
    /** {@link #submit}: no room now. {@link #complete}: nothing is done. */
    public static final int NONE = DriverQueue.NONE;

    /** The device used what it was not given: the queue does nothing until a reset. */
    public static final int BROKEN = DriverQueue.BROKEN;

    /** {@link #status}: the device said that it is done, and still uses the memory: that is not the driver's again. */
    public static final int STILL_USED = 0xfe;

    /** {@link #status}: the device wrote none. */
    public static final int NO_STATUS = 0xff;

    /** Pages that the data of one request may touch. */
    public static final int MOST_PAGES = 8;

    private static final int READ_WRITE = Access.READ | Access.WRITE;

    private final GuestKernel kernel;
    private final Vcpu vcpu;
    private final DriverSide side;
    private final Buffers buffers;
    private final VirtioDriver driver;
    private final DescriptorChain chain = new DescriptorChain(MOST_PAGES + 2);
    private final long heads;
    private final long answers;
    private long headsBus;
    private long answersBus;
    private Request[] requests = {};
    private long capacity;
    private long submitted;

    /** One that may be in flight. */
    private static final class Request {
        final int number;
        final long[] buses = new long[MOST_PAGES];
        final int[] lengths = new int[MOST_PAGES];
        int pieces;
        boolean inFlight;
        int status;

        /** What it asks, and how many were asked before: to ask once more in the same order. */
        int type;

        long sector;
        long address;
        int length;
        long order;

        Request(int number) {
            this.number = number;
        }
    }

    /** By the number that the queue has for it. */
    private Request[] byQueue = {};

    /**
     * A driver of a device that it has not looked at yet.
     *
     * @param registers of the device
     * @param kernel of the driver's guest
     * @param side its transport
     * @param mode as driver and device agreed
     * @throws IllegalStateException when there is no memory for it
     */
    public BlockDriver(Mmio registers, GuestKernel kernel, DriverSide side, Endpoint.Mode mode) {
        this.kernel = kernel;
        this.vcpu = kernel.vcpu();
        this.side = side;
        this.buffers = new Buffers(side, mode);
        this.driver = new VirtioDriver(registers, kernel, side, 1);
        this.heads = kernel.allocatePages(Page.ORDER_4K);
        this.answers = kernel.allocatePages(Page.ORDER_4K);
        if (heads < 0 || answers < 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " has no pages for a block driver");
        }
    }

    /**
     * Finds the device, or finds it again after {@link #reset}.
     *
     * @param wanted features
     * @param size of the queue, at most 256
     * @return what was agreed on
     * @throws IllegalStateException as {@link VirtioDriver#negotiate}
     */
    public long begin(long wanted, int size) {
        long features = driver.negotiate(Block.DEVICE_ID, wanted);
        driver.setUpQueue(0, size);
        headsBus = side.expose(heads, Page.SIZE, Access.READ);
        answersBus = side.expose(answers, Page.SIZE, READ_WRITE);
        if (headsBus == DriverSide.NONE || answersBus == DriverSide.NONE) {
            throw new IllegalStateException("the transport has no room for the requests of a block driver");
        }
        long low = Integer.toUnsignedLong(driver.configuration(Block.CAPACITY));
        capacity = (long) driver.configuration(Block.CAPACITY + Integer.BYTES) << Integer.SIZE | low;
        requests = new Request[size];
        Arrays.setAll(requests, Request::new);
        byQueue = new Request[size];
        driver.ready();
        return features;
    }

    /**
     * The capacity.
     *
     * @return in sectors
     */
    public long sectors() {
        return capacity;
    }

    /**
     * The queue's driver: to look at interrupts, and whether the device needs a reset.
     *
     * @return always the same
     */
    public VirtioDriver virtio() {
        return driver;
    }

    /**
     * Adds a request; the device sees it with {@link #publish}.
     *
     * @param type IN, OUT, FLUSH, GET_ID or DISCARD of {@link Block}
     * @param sector where
     * @param address of the data, in pages of the guest that follow each other
     * @param length of the data, 0 for none
     * @return the number by which {@link #complete} will tell that it is done; NONE or BROKEN
     */
    public int submit(int type, long sector, long address, int length) {
        Request request = idle();
        if (request == null) {
            return NONE;
        }
        request.type = type;
        request.sector = sector;
        request.address = address;
        request.length = length;
        request.order = submitted;
        int answer = add(request);
        submitted += answer >= 0 ? 1 : 0;
        return answer;
    }

    private int add(Request request) {
        int type = request.type;
        int length = request.length;
        long address = request.address;
        boolean deviceWrites = type == Block.IN || type == Block.GET_ID;
        chain.clear();
        store(head(request), Integer.BYTES, type);
        store(head(request) + 4, Integer.BYTES, 0);
        store(head(request) + Block.HEAD_SECTOR, Long.BYTES, request.sector);
        store(answers + request.number, 1, NO_STATUS);
        chain.read(headsBus + (long) request.number * Block.HEAD, Block.HEAD);
        if (!expose(request, address, length, deviceWrites)) {
            withdraw(request);
            return NONE;
        }
        chain.write(answersBus + request.number, 1);
        int queued = driver.queue(0).add(chain);
        if (queued < 0) {
            withdraw(request);
            return queued;
        }
        byQueue[queued] = request;
        request.inFlight = true;
        return request.number;
    }

    private long head(Request request) {
        return heads + (long) request.number * Block.HEAD;
    }

    private @Nullable Request idle() {
        for (Request request : requests) {
            if (!request.inFlight) {
                return request;
            }
        }
        return null;
    }

    private boolean expose(Request request, long address, int length, boolean deviceWrites) {
        request.pieces = 0;
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, Page.SIZE - Page.offset(address + done));
            if (request.pieces == MOST_PAGES) {
                throw new IllegalArgumentException(length + " bytes touch more than " + MOST_PAGES + " pages");
            }
            long bus = buffers.expose(address + done, part, deviceWrites);
            if (bus == DriverSide.NONE) {
                return false;
            }
            request.buses[request.pieces] = bus;
            request.lengths[request.pieces] = part;
            request.pieces++;
            if (deviceWrites) {
                chain.write(bus, part);
            } else {
                chain.read(bus, part);
            }
            done += part;
        }
        return true;
    }

    /** @return whether the device uses none of it any more */
    private boolean withdraw(Request request) {
        boolean all = true;
        for (int n = 0; n < request.pieces; n++) {
            all &= buffers.done(request.buses[n], request.lengths[n]);
        }
        request.pieces = 0;
        return all;
    }

    /** Makes available what was submitted. */
    public void publish() {
        driver.publish(0);
    }

    /**
     * The next request that is done; its memory is the caller's again, unless its status says otherwise.
     *
     * @return as {@link #submit} answered, NONE or BROKEN
     */
    public int complete() {
        int queued = driver.queue(0).poll();
        if (queued < 0) {
            return queued;
        }
        Request request = byQueue[queued];
        request.inFlight = false;
        own(vcpu.load(answers + request.number, 1));
        request.status = (int) vcpu.value();
        if (!withdraw(request)) {
            request.status = STILL_USED;
        }
        return request.number;
    }

    /**
     * How a request ended.
     *
     * @param number as {@link #complete} told it, until another one gets it
     * @return OK, IOERR or UNSUPP of {@link Block}, NO_STATUS or STILL_USED
     */
    public int status(int number) {
        return requests[number].status;
    }

    /**
     * Resets the device: what was in flight is not done, and its memory is the driver's again.
     *
     * @return whether the device let go of all of it
     */
    public boolean reset() {
        driver.reset();
        boolean all = letGo(false);
        requests = new Request[0];
        return all;
    }

    /** @return whether all memory is the driver's again; by force it is taken where the device does not let go */
    private boolean letGo(boolean byForce) {
        boolean all = true;
        for (Request request : requests) {
            for (int n = 0; request.inFlight && n < request.pieces; n++) {
                all &= buffers.take(request.buses[n], request.lengths[n], byForce);
            }
            request.pieces = 0;
            request.inFlight = false;
        }
        all &= buffers.takeExposed(headsBus, Page.SIZE, byForce);
        all &= buffers.takeExposed(answersBus, Page.SIZE, byForce);
        all &= buffers.takeAll(byForce);
        return all;
    }

    /**
     * Another device took the place of the one that was there, which did not come to its end: begins with it, and asks for all that was
     * in flight once more, in the same order and under the same numbers. What the old device does not let go of is taken by force.
     * Requests that were carried out and not told are carried out twice: reads and writes, flushes and discards bear that.
     *
     * @param wanted features
     * @param size of the queue, at least as large as before
     * @return what was agreed on; the requests are to be {@link #publish}ed
     * @throws IllegalStateException as {@link #begin}, or when memory did not come back
     */
    public long resume(long wanted, int size) {
        Request[] before = requests;
        List<Request> again = Arrays.stream(before)
                .filter(request -> request.inFlight)
                .sorted(Comparator.comparingLong(request -> request.order))
                .toList();
        driver.reset();
        if (!letGo(true)) {
            throw new IllegalStateException("memory of requests in flight does not come back from the device");
        }
        long features = begin(wanted, size);
        System.arraycopy(before, 0, requests, 0, before.length);
        for (Request request : again) {
            if (add(request) < 0) {
                throw new IllegalStateException("request " + request.number + " finds no room any more");
            }
        }
        return features;
    }

    /** Resets the device, and gives the driver's own pages back if it let go of them. */
    @Override
    public void close() {
        if (requests.length == 0 || reset()) {
            kernel.freePages(heads, Page.ORDER_4K);
            kernel.freePages(answers, Page.ORDER_4K);
        }
    }

    private void store(long address, int bytes, long value) {
        own(vcpu.store(address, bytes, value));
    }

    private void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " lost its own memory: fault " + fault);
        }
    }
}
