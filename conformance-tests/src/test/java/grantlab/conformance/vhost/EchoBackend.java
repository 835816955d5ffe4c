package grantlab.conformance.vhost;

import grantlab.api.Access;
import grantlab.api.guest.GuestMemory;
import grantlab.api.memory.Page;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.Feature;
import grantlab.virtio.queue.QueueLayout;
import grantlab.virtio.vhost.message.Header;
import grantlab.virtio.vhost.message.IotlbMessage;
import grantlab.virtio.vhost.message.MemoryTable;
import grantlab.virtio.vhost.message.Payload;
import grantlab.virtio.vhost.message.ProtocolFeature;
import grantlab.virtio.vhost.message.Request;
import grantlab.virtio.vhost.message.VringAddress;
import grantlab.virtio.vhost.message.VringState;
import grantlab.virtio.vhost.message.Word;
import grantlab.virtio.vhost.socket.OpenFile;
import grantlab.virtio.vhost.socket.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A vhost-user backend with an IOTLB that sends back what it receives, with the addresses of Ethernet exchanged, as testpmd does: it locks its
 * rings for a burst, and an invalidation does not wait for that lock. It does what it may not do when a test asks for it.
 */
final class EchoBackend implements AutoCloseable {
    /** How an answer is wrong. */
    enum Wrong {
        NUMBER,
        SIZE,
        HUGE_SIZE,
        VERSION,
        NO_ANSWER,
        REQUEST,
        FILE,
        HALF,
        CLOSED,
        REFUSAL
    }

    private static final int HEADER = 12;
    private static final int ADDRESSES = 12;
    private static final int LONGEST = 2048;
    private static final int QUEUE = 64;

    private final UnixSocket socket;
    private final Arena arena = Arena.ofShared();
    private final Thread listener;
    private final Thread worker;
    private final List<OpenFile> files = new ArrayList<>();
    private final ReentrantLock burst = new ReentrantLock();
    private final Map<Long, IotlbMessage> known = new ConcurrentHashMap<>();
    private final Set<Long> asked = ConcurrentHashMap.newKeySet();

    /** By page; of the burst. */
    private final Map<Long, MemorySegment> translated = new HashMap<>();

    private final Sight sight = new Sight();
    private final DescriptorChain from = new DescriptorChain(QUEUE);
    private final DescriptorChain to = new DescriptorChain(QUEUE);
    private final MemorySegment packet = MemorySegment.ofArray(new byte[LONGEST]);
    private boolean fromTaken;
    private boolean toTaken;

    /** Of the packet that is to be given; zero for none. */
    private int length;

    private final VringAddress[] addresses = new VringAddress[2];
    private final int[] sizes = new int[2];
    private final boolean[] enabled = new boolean[2];
    private DeviceQueue receiving;
    private DeviceQueue sending;
    private MemoryTable table;
    private final List<MemorySegment> regions = new ArrayList<>();
    private volatile UnixSocket requests;
    private volatile boolean over;

    /** Which answer is wrong, and how. */
    volatile Request wrongAt;

    volatile Wrong wrong;

    /** What it lacks of the features that it says it has. */
    volatile long lackingFeatures;

    volatile long lackingProtocolFeatures;

    /** Run by the worker in the middle of a burst, between translation and access. */
    volatile Runnable inBurst = () -> {};

    final AtomicLong invalidations = new AtomicLong();
    final AtomicLong barriers = new AtomicLong();

    EchoBackend(UnixSocket socket) {
        this.socket = socket;
        this.listener = Thread.ofPlatform().daemon().name("echo-listener").start(this::listen);
        this.worker = Thread.ofPlatform().daemon().name("echo-worker").start(this::work);
    }

    // The conversation

    private void listen() {
        try {
            while (!over) {
                hear();
            }
        } catch (IOException e) {
            // The frontend is gone.
        }
    }

    private void hear() throws IOException {
        MemorySegment head = Arena.ofAuto().allocate(Header.SIZE, Long.BYTES);
        List<OpenFile> came = new ArrayList<>(socket.receive(head, UnixSocket.FOR_EVER));
        Header header = Header.read(head);
        MemorySegment payload = Arena.ofAuto().allocate(Math.max(header.size(), 1), Long.BYTES);
        came.addAll(socket.receive(payload.asSlice(0, header.size()), UnixSocket.FOR_EVER));
        files.addAll(came);
        Request request = Arrays.stream(Request.values())
                .filter(known -> known.number() == header.request())
                .findFirst()
                .orElseThrow();
        Payload answer = perform(request, payload, came);
        if ((header.flags() & Header.NEED_REPLY) != 0 || answer != null) {
            answer(request, answer == null ? new Word(0) : answer);
        }
    }

    private Payload perform(Request request, MemorySegment payload, List<OpenFile> came) throws IOException {
        switch (request) {
            case GET_FEATURES -> {
                return new Word((Feature.MANDATORY | ProtocolFeature.PROTOCOL_FEATURES) & ~lackingFeatures);
            }
            case GET_PROTOCOL_FEATURES -> {
                return new Word(ProtocolFeature.MANDATORY & ~lackingProtocolFeatures);
            }
            case SET_BACKEND_REQ_FD -> requests = UnixSocket.of(came.getFirst());
            case SET_MEM_TABLE -> map(MemoryTable.read(payload), came);
            case SET_VRING_NUM -> {
                VringState state = VringState.read(payload);
                sizes[state.ring()] = state.number();
            }
            case SET_VRING_ADDR -> {
                VringAddress address = VringAddress.read(payload);
                addresses[address.ring()] = address;
            }
            case SET_VRING_ENABLE -> {
                barriers.incrementAndGet();
                VringState state = VringState.read(payload);
                betweenBursts(() -> enabled[state.ring()] = state.number() == 1);
            }
            case GET_VRING_BASE -> {
                VringState state = VringState.read(payload);
                betweenBursts(() -> enabled[state.ring()] = false);
                return new VringState(state.ring(), 0);
            }
            case IOTLB_MSG -> {
                IotlbMessage message = IotlbMessage.read(payload);
                if (message.type() == IotlbMessage.UPDATE) {
                    known.putIfAbsent(message.busAddress(), message);
                } else {
                    invalidations.incrementAndGet();
                    known.remove(message.busAddress());
                }
            }
            default -> {}
        }
        return null;
    }

    private void betweenBursts(Runnable action) {
        burst.lock();
        try {
            action.run();
        } finally {
            burst.unlock();
        }
    }

    private void map(MemoryTable told, List<OpenFile> came) throws IOException {
        table = told;
        for (int n = 0; n < told.regions().size(); n++) {
            MemoryTable.Region region = told.regions().get(n);
            try (FileChannel channel =
                    FileChannel.open(came.get(n).path(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                regions.add(channel.map(FileChannel.MapMode.READ_WRITE, region.offset(), region.bytes(), arena));
            }
        }
    }

    private void answer(Request request, Payload payload) throws IOException {
        boolean isWrong = request == wrongAt;
        Wrong how = isWrong ? wrong : null;
        int number = how == Wrong.NUMBER ? 77 : request.number();
        int version = how == Wrong.VERSION ? 2 : Header.VERSION;
        int flags = version | (how == Wrong.REQUEST ? 0 : Header.REPLY);
        int size = how == Wrong.SIZE ? 16 : how == Wrong.HUGE_SIZE ? -1 : payload.size();
        MemorySegment message = Arena.ofAuto().allocate(Header.SIZE + 16, Long.BYTES);
        new Header(number, flags, size).write(message);
        (how == Wrong.REFUSAL ? new Word(1) : payload).write(message.asSlice(Header.SIZE));
        if (how == Wrong.CLOSED) {
            socket.shutdown();
        } else if (how == Wrong.HALF) {
            socket.send(message.asSlice(0, Header.SIZE / 2));
            socket.shutdown();
        } else if (how == Wrong.FILE) {
            socket.send(message.asSlice(0, Header.SIZE + payload.size()), socket.descriptor());
        } else if (how != Wrong.NO_ANSWER) {
            socket.send(message.asSlice(0, Header.SIZE + (how == Wrong.SIZE ? 16 : payload.size())));
        }
    }

    /** Asks something of the frontend. */
    void ask(Header header, IotlbMessage payload, int... withFiles) throws IOException {
        MemorySegment message = Arena.ofAuto().allocate(Header.SIZE + IotlbMessage.SIZE, Long.BYTES);
        header.write(message);
        payload.write(message.asSlice(Header.SIZE));
        requests.send(message, withFiles);
    }

    /** Asks for a page. */
    void miss(long busAddress, int access) throws IOException {
        ask(
                new Header(IotlbMessage.BACKEND_REQUEST, Header.VERSION, IotlbMessage.SIZE),
                new IotlbMessage(busAddress, 0, 0, access, IotlbMessage.MISS));
    }

    /** What it knows of a page, or null. */
    IotlbMessage known(long busAddress) {
        return known.get(busAddress & -Page.SIZE);
    }

    // The device

    private void work() {
        try {
            while (!over) {
                boolean[] worked = new boolean[1];
                betweenBursts(() -> worked[0] = enabled[0] && enabled[1] && echo());
                if (!worked[0]) {
                    Thread.sleep(1);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether anything was done; not when something is missed */
    private boolean echo() {
        translated.clear();
        if (!reachesRing(0) || !reachesRing(1)) {
            return false;
        }
        if (receiving == null) {
            receiving = DeviceQueue.of(sight, layout(0), Feature.MANDATORY);
            sending = DeviceQueue.of(sight, layout(1), Feature.MANDATORY);
        }
        if (length == 0 && !takePacket()) {
            return false;
        }
        return givePacket();
    }

    private boolean takePacket() {
        if (!fromTaken && sending.take(from) != DeviceQueue.Taken.CHAIN) {
            return false;
        }
        fromTaken = true;
        MemorySegment at = translate(from.address(0), Access.READ);
        if (at == null) {
            return false;
        }
        inBurst.run();
        length = (int) from.readableBytes();
        MemorySegment.copy(at, 0, packet, 0, length);
        exchange(packet);
        sending.use(from, 0);
        sending.publish();
        fromTaken = false;
        return true;
    }

    private boolean givePacket() {
        if (!toTaken && receiving.take(to) != DeviceQueue.Taken.CHAIN) {
            return false;
        }
        toTaken = true;
        MemorySegment at = translate(to.address(0), Access.READ | Access.WRITE);
        if (at == null) {
            return false;
        }
        inBurst.run();
        MemorySegment.copy(packet, 0, at, 0, length);
        receiving.use(to, length);
        receiving.publish();
        length = 0;
        toTaken = false;
        return true;
    }

    /** Of a ring it asks once, and then waits to be told. */
    private boolean reachesRing(int ring) {
        long busAddress = addresses[ring].descriptors();
        if (known(busAddress) != null) {
            return translate(busAddress, Access.READ | Access.WRITE) != null;
        }
        if (asked.add(busAddress)) {
            ask(busAddress, Access.READ | Access.WRITE);
        }
        return false;
    }

    private void ask(long busAddress, int access) {
        try {
            miss(busAddress, access);
        } catch (IOException e) {
            over = true;
        }
    }

    /** What was found is used until the burst ends, whatever is forgotten meanwhile. @return null when it is missed */
    private MemorySegment translate(long busAddress, int access) {
        long page = busAddress & -Page.SIZE;
        MemorySegment found = translated.get(page);
        if (found == null) {
            IotlbMessage entry = known.get(page);
            if (entry == null || (entry.access() & access) != access) {
                ask(busAddress, access);
                return null;
            }
            found = mapped(entry.userAddress());
            translated.put(page, found);
        }
        return found.asSlice(Page.offset(busAddress));
    }

    private MemorySegment mapped(long user) {
        for (int n = 0; n < regions.size(); n++) {
            MemoryTable.Region region = table.regions().get(n);
            if (Long.compareUnsigned(user - region.userAddress(), region.bytes()) < 0) {
                return regions.get(n).asSlice(user - region.userAddress());
            }
        }
        throw new IllegalStateException("told of an address that is in no region");
    }

    private static void exchange(MemorySegment packet) {
        byte[] addresses = packet.asSlice(HEADER, ADDRESSES).toArray(ValueLayout.JAVA_BYTE);
        for (int n = 0; n < ADDRESSES; n++) {
            packet.set(ValueLayout.JAVA_BYTE, HEADER + n, addresses[(n + ADDRESSES / 2) % ADDRESSES]);
        }
    }

    private QueueLayout layout(int ring) {
        VringAddress at = addresses[ring];
        return new QueueLayout(sizes[ring], at.descriptors(), at.driverArea(), at.deviceArea());
    }

    /** The rings, which were reached when the burst began. */
    private final class Sight implements GuestMemory {
        private long value;

        private MemorySegment at(long busAddress) {
            VarHandle.fullFence();
            return translate(busAddress, Access.READ | Access.WRITE);
        }

        @Override
        public int load(long busAddress, int bytes) {
            MemorySegment at = at(busAddress);
            value = switch (bytes) {
                case Short.BYTES -> at.get(ValueLayout.JAVA_SHORT, 0) & 0xffffL;
                case Integer.BYTES -> at.get(ValueLayout.JAVA_INT, 0) & 0xffff_ffffL;
                default -> at.get(ValueLayout.JAVA_LONG, 0);
            };
            VarHandle.fullFence();
            return 0;
        }

        @Override
        public long value() {
            return value;
        }

        @Override
        public int store(long busAddress, int bytes, long stored) {
            MemorySegment at = at(busAddress);
            switch (bytes) {
                case Short.BYTES -> at.set(ValueLayout.JAVA_SHORT, 0, (short) stored);
                case Integer.BYTES -> at.set(ValueLayout.JAVA_INT, 0, (int) stored);
                default -> at.set(ValueLayout.JAVA_LONG, 0, stored);
            }
            VarHandle.fullFence();
            return 0;
        }

        @Override
        public int loadBytes(long busAddress, MemorySegment into, long to, int bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int storeBytes(long busAddress, MemorySegment from, long offset, int bytes) {
            throw new UnsupportedOperationException();
        }
    }

    /** Runs no more when this returns. */
    @Override
    public void close() {
        over = true;
        socket.shutdown();
        join(listener);
        join(worker);
        files.forEach(OpenFile::close);
        socket.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
