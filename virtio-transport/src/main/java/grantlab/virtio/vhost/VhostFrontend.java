package grantlab.virtio.vhost;

import grantlab.api.Access;
import grantlab.api.memory.SharedExtent;
import grantlab.api.transport.Endpoint;
import grantlab.virtio.queue.Feature;
import grantlab.virtio.queue.QueueLayout;
import grantlab.virtio.vhost.message.IotlbMessage;
import grantlab.virtio.vhost.message.MemoryTable;
import grantlab.virtio.vhost.message.MemoryTable.Region;
import grantlab.virtio.vhost.message.Nothing;
import grantlab.virtio.vhost.message.ProtocolFeature;
import grantlab.virtio.vhost.message.Request;
import grantlab.virtio.vhost.message.VringAddress;
import grantlab.virtio.vhost.message.VringState;
import grantlab.virtio.vhost.message.Word;
import grantlab.virtio.vhost.socket.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The frontend of a vhost-user backend whose driver is in another domain, and whose buffers are what that domain grants: a tree of the
 * device, bus addresses as {@code virtio-grants} has them. A miss of the backend is a map of the hypervisor, made by a guest of the
 * backend's domain; what is unmapped or taken back there the backend has forgotten before anybody hears that it is done ({@link Iotlb}).
 *
 * <p>What the protocol calls the frontend's own address of memory is a machine address here.
 *
 * <p>A backend that breaks the protocol, does not answer in time or goes away is cut off, once: the connection ends, its owner sees to
 * it that it runs no more, and then all mappings are undone; {@link #failure} says why. Two threads work behind this. Whoever made it starts
 * and closes it; any thread calls the rest.
 */
public final class VhostFrontend implements AutoCloseable {
    /** More misses do not wait: DPDK sends one for each page that it waits for. */
    private static final int MOST_WAITING = 4096;

    private final Conversation conversation;
    private final UnixSocket socket;
    private final UnixSocket requestSocket;
    private final BackendDomain domain;
    private final Runnable reset;
    private final BackendPages pages;
    private final Thread receiver;
    private final Thread mapper;
    private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder misses = new LongAdder();
    private final LongAdder forgotten = new LongAdder();
    private final ReentrantLock failing = new ReentrantLock();
    private volatile @Nullable BackendException failure;
    private volatile boolean closing;
    private volatile boolean closed;

    /** The mapper's own. */
    private boolean over;

    private List<Ring> rings = List.of();

    private VhostFrontend(
            UnixSocket socket,
            UnixSocket requestSocket,
            BackendDomain domain,
            BackendPages pages,
            Runnable reset,
            Duration patience) {
        this.conversation = new Conversation(socket, patience);
        this.socket = socket;
        this.requestSocket = requestSocket;
        this.domain = domain;
        this.pages = pages;
        this.reset = reset;
        domain.iotlb().open(domain.map(), conversation, this::forgotten, this::fail);
        BackendRequests requests = new BackendRequests(requestSocket, this::missed, this::fail);
        this.receiver = Thread.ofPlatform().daemon().name("vhost-user-receiver").unstarted(requests::receiveAll);
        this.mapper = Thread.ofPlatform().daemon().name("vhost-user-mapper").unstarted(this::work);
    }

    /**
     * Connects to a backend that listens, and agrees with it on features and memory.
     *
     * @param path of its socket
     * @param domain whose device it is
     * @param endpoint the driver's domain, and the number of the device
     * @param reset sees to it that the backend runs no more, and returns when it does not; called at most once, when it is cut off
     * @param patience how long the backend may take for an answer
     * @throws BackendException when nobody listens, or the backend is not fit
     * @throws IllegalStateException when the driver's side is not there
     */
    public static VhostFrontend connect(
            Path path, BackendDomain domain, Endpoint endpoint, Runnable reset, Duration patience) {
        UnixSocket socket;
        try {
            socket = UnixSocket.connect(path);
        } catch (IOException e) {
            throw new BackendException("no backend", e);
        }
        return over(socket, domain, endpoint, reset, patience);
    }

    /**
     * The same over a socket that is connected already.
     *
     * @param socket closed with the frontend, or when there is none
     * @param domain whose device it is
     * @param endpoint the driver's domain, and the number of the device
     * @param reset as the other has it
     * @param patience how long the backend may take for an answer
     * @throws BackendException when the backend is not fit
     * @throws IllegalStateException when the driver's side is not there
     */
    public static VhostFrontend over(
            UnixSocket socket, BackendDomain domain, Endpoint endpoint, Runnable reset, Duration patience) {
        UnixSocket.Pair requests;
        try {
            requests = UnixSocket.pair();
        } catch (IOException e) {
            socket.close();
            throw new BackendException("no way for what the backend asks", e);
        }
        try (UnixSocket far = requests.far()) {
            domain.iotlb().requireNoBackend();
            BackendPages pages = new BackendPages(domain, endpoint);
            VhostFrontend frontend = new VhostFrontend(socket, requests.near(), domain, pages, reset, patience);
            frontend.begin(far.descriptor());
            return frontend;
        } catch (RuntimeException e) {
            requests.near().close();
            socket.close();
            throw e;
        }
    }

    // Beginning and ending

    private void begin(int requestsOfBackend) {
        mapper.start();
        receiver.start();
        try {
            agree(requestsOfBackend);
        } catch (BackendException e) {
            fail(e);
            close();
            throw e;
        }
    }

    private void agree(int requestsOfBackend) {
        long features = Feature.MANDATORY | ProtocolFeature.PROTOCOL_FEATURES;
        require("features", conversation.word(Request.GET_FEATURES), features);
        require(
                "features of the protocol",
                conversation.word(Request.GET_PROTOCOL_FEATURES),
                ProtocolFeature.MANDATORY);
        conversation.say(Request.SET_PROTOCOL_FEATURES, new Word(ProtocolFeature.MANDATORY));
        conversation.order(Request.SET_OWNER, new Nothing());
        conversation.order(Request.SET_BACKEND_REQ_FD, new Nothing(), requestsOfBackend);
        conversation.order(Request.SET_FEATURES, new Word(features));
        List<SharedExtent> memory = domain.memory();
        conversation.order(
                Request.SET_MEM_TABLE,
                new MemoryTable(memory.stream()
                        .map(extent -> new Region(extent.address(), extent.bytes(), extent.address(), extent.offset()))
                        .toList()),
                memory.stream().mapToInt(SharedExtent::descriptor).toArray());
    }

    private static void require(String what, long offered, long wanted) {
        if (!Feature.has(offered, wanted)) {
            throw new BackendException("the backend lacks 0x" + Long.toHexString(wanted & ~offered) + " of the " + what
                    + " that are needed");
        }
    }

    /**
     * Has the backend work on rings from their beginning. What they need is granted already.
     *
     * @param started in their order: ring 0, ring 1, ...
     * @throws BackendException when it does not
     */
    public void start(List<Ring> started) {
        rings = List.copyOf(started);
        try {
            for (int n = 0; n < rings.size(); n++) {
                Ring ring = rings.get(n);
                QueueLayout layout = ring.layout();
                inTurn(() -> {
                    pages.ring(layout.descriptors());
                    pages.ring(layout.driverArea());
                    pages.ring(layout.deviceArea());
                    return true;
                });
                conversation.order(Request.SET_VRING_NUM, new VringState(n, layout.size()));
                conversation.order(Request.SET_VRING_BASE, new VringState(n, 0));
                conversation.order(
                        Request.SET_VRING_ADDR,
                        new VringAddress(n, layout.descriptors(), layout.deviceArea(), layout.driverArea()));
                conversation.order(
                        Request.SET_VRING_CALL, new Word(n), ring.call().descriptor());
                conversation.order(
                        Request.SET_VRING_KICK, new Word(n), ring.kick().descriptor());
            }
            for (int n = 0; n < rings.size(); n++) {
                conversation.order(Request.SET_VRING_ENABLE, new VringState(n, 1));
            }
        } catch (BackendException e) {
            fail(e);
            throw e;
        }
    }

    /**
     * Has the backend stop working on a ring.
     *
     * @param ring its number
     * @return where in the available ring the backend is
     * @throws BackendException when it does not
     */
    public int stop(int ring) {
        try {
            return conversation.base(ring);
        } catch (BackendException e) {
            fail(e);
            throw e;
        }
    }

    /** Cuts the backend off. When this returns it reaches nothing any more, whoever it was that called first. */
    private void fail(BackendException why) {
        failing.lock();
        try {
            if (failure == null && !closing) {
                failure = why;
                conversation.end(why);
                reset.run();
            }
        } finally {
            failing.unlock();
        }
        if (!closing) {
            domain.iotlb().end();
            work.add(pages::letGoOfAll);
        }
    }

    /** Why the backend was cut off. */
    public Optional<BackendException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Stops the rings, undoes all mappings, and then ends the connection. The driver's domain can withdraw everything. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (int ring = 0; ring < rings.size() && failure == null; ring++) {
            try {
                stop(ring);
            } catch (BackendException e) {
                // It was cut off, and failure() says why.
            }
        }
        work.add(this::lastWork);
        Uninterruptibly.join(mapper);
        closing = true;
        domain.iotlb().end();
        conversation.end(new BackendException("the frontend was closed"));
        requestSocket.shutdown();
        Uninterruptibly.join(receiver);
        requestSocket.close();
        socket.close();
        pages.close();
    }

    // What the mapper does

    /** What the backend misses after that is not mapped any more. */
    private void lastWork() {
        try {
            pages.letGoOfAll();
        } finally {
            over = true;
        }
    }

    private void work() {
        while (!over) {
            Runnable next = Uninterruptibly.take(work);
            try {
                next.run();
            } catch (BackendException e) {
                fail(e);
            } catch (RuntimeException e) {
                fail(new BackendException("the domain of the backend fails", e));
            }
        }
    }

    private <T> T inTurn(Supplier<T> what) {
        if (closed) {
            throw new IllegalStateException("the frontend is closed");
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        work.add(() -> {
            try {
                result.complete(what.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
                throw e;
            }
        });
        return Uninterruptibly.result(result);
    }

    private void missed(IotlbMessage miss) {
        misses.increment();
        if (waiting.incrementAndGet() > MOST_WAITING) {
            throw new BackendException("the backend has more than " + MOST_WAITING + " misses under way");
        }
        work.add(() -> {
            waiting.decrementAndGet();
            pages.miss(miss.busAddress(), miss.access());
        });
    }

    private void forgotten(long busAddress) {
        forgotten.increment();
        work.add(() -> pages.acknowledge(busAddress));
    }

    // What the driver's side may want

    /**
     * Tells the backend of a page before it asks: a buffer that is to be filled, or a page of a ring that was taken back and is granted anew,
     * for which a backend does not ask.
     *
     * @param busAddress in the page
     * @return false when it is not granted, or the page beside it is another one's
     * @throws BackendException when the backend is gone
     */
    public boolean push(long busAddress) {
        Iotlb.Told told = inTurn(() -> pages.tell(busAddress, Access.READ));
        if (told == Iotlb.Told.ENDED) {
            throw new BackendException("there is no backend any more", conversation.whyEnded());
        }
        return told == Iotlb.Told.DONE;
    }

    /**
     * The backend's domain lets a page go: it is not in use any more when this returns.
     *
     * @param busAddress in the page
     */
    public void release(long busAddress) {
        inTurn(() -> {
            pages.letGo(busAddress);
            return true;
        });
    }

    /** Waits until the backend's domain has acknowledged what was taken back before. */
    public void settle() {
        inTurn(() -> true);
    }

    /** What was done so far. */
    public BackendCounts counts() {
        return new BackendCounts(
                misses.sum(), pages.maps.sum(), pages.refusals.sum(), pages.unmaps.sum(), forgotten.sum());
    }
}
