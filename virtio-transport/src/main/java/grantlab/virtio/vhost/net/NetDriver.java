package grantlab.virtio.vhost.net;

import grantlab.api.Access;
import grantlab.api.grant.GuestTree;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DriverQueue;
import grantlab.virtio.queue.Feature;
import grantlab.virtio.queue.QueueLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a network device (section 5.1 of virtio 1.2) with one queue to receive and one to send. Each queue is in one page, each
 * packet in another, granted one by one: any of them can be taken back alone. By the thread of the driver's kernel.
 */
public final class NetDriver {
    /** Bytes before each packet: struct virtio_net_hdr of version 1. */
    public static final int HEADER = 12;

    /** No packet is longer. */
    public static final int LONGEST = 1514;

    /** Entries of each queue: all its parts fit into one page. */
    private static final int QUEUE = 64;

    private static final int DRIVER_AREA_AT = 1024;
    private static final int DEVICE_AREA_AT = 2048;
    private static final int EVERYTHING = Access.READ | Access.WRITE;

    private final GuestKernel kernel;
    private final Queue receiving;
    private final Queue sending;
    private final Deque<SharedPage> free = new ArrayDeque<>();
    private final List<SharedPage> pages = new ArrayList<>();
    private final DescriptorChain chain = new DescriptorChain(1);

    /** A queue, its page, and which page of a packet is in which of its buffers. */
    private static final class Queue {
        final SharedPage page;
        final DriverQueue queue;
        final @Nullable SharedPage[] buffers = new @Nullable SharedPage[QUEUE];

        Queue(GuestKernel kernel, SharedPage page) {
            this.page = page;
            this.queue = DriverQueue.of(kernel.vcpu(), layout(page.address()), Feature.MANDATORY, null);
            queue.disableNotifications();
        }

        static QueueLayout layout(long at) {
            return new QueueLayout(QUEUE, at, at + DRIVER_AREA_AT, at + DEVICE_AREA_AT);
        }

        void add(DescriptorChain chain, SharedPage buffer) {
            int number = queue.add(chain);
            if (number < 0) {
                throw new IllegalStateException("a queue does not take a buffer: " + queue.fault());
            }
            buffers[number] = buffer;
        }

        /** @return null when nothing was used */
        @Nullable
        SharedPage poll() {
            int number = queue.poll();
            if (number == DriverQueue.BROKEN) {
                throw new IllegalStateException("the device broke a queue: " + queue.fault());
            }
            SharedPage buffer = number < 0 ? null : buffers[number];
            if (buffer != null) {
                buffers[number] = null;
            }
            return buffer;
        }
    }

    /**
     * Grants everything; buffers to receive into are in their queue.
     *
     * @param kernel of the driver's guest, whose format has tables of devices
     * @param peer domid of the device
     * @param deviceId of the device
     * @param buffers how many to receive, and how many to send; at most 64 each
     * @throws IllegalStateException when the guest cannot
     */
    public NetDriver(GuestKernel kernel, int peer, int deviceId, int buffers) {
        this.kernel = kernel;
        if (!(kernel.table(peer, deviceId) instanceof GuestTree tree)) {
            throw new IllegalStateException("the guest has no tree for device " + deviceId);
        }
        this.receiving = new Queue(kernel, page(tree, peer, EVERYTHING));
        this.sending = new Queue(kernel, page(tree, peer, EVERYTHING));
        for (int n = 0; n < buffers; n++) {
            offer(page(tree, peer, EVERYTHING));
            free.add(page(tree, peer, Access.READ));
        }
        publishReceiving();
    }

    private SharedPage page(GuestTree tree, int peer, int access) {
        SharedPage page = new SharedPage(kernel, tree, peer, access);
        pages.add(page);
        return page;
    }

    /** Where the device finds the queues, by bus addresses: the one to receive, then the one to send. */
    public List<QueueLayout> layouts() {
        return List.of(Queue.layout(receiving.page.busAddress()), Queue.layout(sending.page.busAddress()));
    }

    /** The page of the queue to send. */
    public SharedPage sendingQueue() {
        return sending.page;
    }

    /** All pages: those of queues and those of packets. */
    public List<SharedPage> pages() {
        return List.copyOf(pages);
    }

    // Sending

    /**
     * Puts a packet into the queue; the device sees it with {@link #publishSending}.
     *
     * @param packet at most {@link #LONGEST} bytes
     * @return the page in which it is, or null when all are under way
     */
    public @Nullable SharedPage send(MemorySegment packet) {
        SharedPage buffer = free.poll();
        if (buffer == null) {
            return null;
        }
        store(buffer.address(), MemorySegment.ofArray(new byte[HEADER]));
        store(buffer.address() + HEADER, packet);
        chain.clear();
        sending.add(chain.read(buffer.busAddress(), HEADER + packet.byteSize()), buffer);
        return buffer;
    }

    /**
     * Shows the device what is to be sent.
     *
     * @return whether it wants to be notified
     */
    public boolean publishSending() {
        return sending.queue.publish();
    }

    /**
     * The next packet that the device has sent.
     *
     * @return its page, or null; it is to be given back with {@link #reuse}
     */
    public @Nullable SharedPage sent() {
        return sending.poll();
    }

    /**
     * A page can have another packet to send.
     *
     * @param buffer from {@link #sent}, granted
     */
    public void reuse(SharedPage buffer) {
        free.add(buffer);
    }

    // Receiving

    /**
     * The next packet that the device received.
     *
     * @return its page, or null; it is to be given back with {@link #offer}
     */
    public @Nullable SharedPage received() {
        return receiving.poll();
    }

    /**
     * Reads a packet.
     *
     * @param buffer from {@link #received}
     * @param into filled entirely, from its first byte on
     */
    public void read(SharedPage buffer, MemorySegment into) {
        own(kernel.vcpu().loadBytes(buffer.address() + HEADER, into));
    }

    /**
     * Has the device receive into a page; it sees that with {@link #publishReceiving}.
     *
     * @param buffer granted
     */
    public void offer(SharedPage buffer) {
        chain.clear();
        receiving.add(chain.write(buffer.busAddress(), HEADER + LONGEST), buffer);
    }

    /**
     * Shows the device what it can receive into.
     *
     * @return whether it wants to be notified
     */
    public boolean publishReceiving() {
        return receiving.queue.publish();
    }

    // Pages that are the driver's alone

    /**
     * Fills a page.
     *
     * @param page taken back
     * @param value of each byte
     */
    public void fill(SharedPage page, byte value) {
        byte[] bytes = new byte[Page.SIZE];
        Arrays.fill(bytes, value);
        store(page.address(), MemorySegment.ofArray(bytes));
    }

    /**
     * How many bytes of a page are not what it was filled with.
     *
     * @param page that was filled
     * @param value of each byte
     */
    public int changed(SharedPage page, byte value) {
        byte[] bytes = new byte[Page.SIZE];
        own(kernel.vcpu().loadBytes(page.address(), MemorySegment.ofArray(bytes)));
        int changed = 0;
        for (byte found : bytes) {
            changed += found == value ? 0 : 1;
        }
        return changed;
    }

    private void store(long address, MemorySegment bytes) {
        own(kernel.vcpu().storeBytes(address, bytes));
    }

    private static void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException("the driver lost its own memory: fault " + fault);
        }
    }

    /**
     * Withdraws everything; the device has let go.
     *
     * @return how many pages are still in use, and so stay granted
     */
    public int close() {
        int inUse = 0;
        for (SharedPage page : pages) {
            if (page.withdraw()) {
                page.close();
            } else {
                inUse++;
            }
        }
        return inUse;
    }
}
