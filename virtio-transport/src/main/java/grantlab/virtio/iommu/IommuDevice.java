package grantlab.virtio.iommu;

import grantlab.api.Status;
import grantlab.api.transport.DeviceSide;
import grantlab.virtio.device.DeviceType;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.Feature;
import grantlab.virtio.queue.QueueFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A virtio-iommu device: endpoints are attached to domains, domains map virtual addresses, and what an endpoint does at an address where
 * nothing is mapped is told (section 5.13). Its own queues it reaches by physical addresses. A request is copied once and judged on the copy;
 * what is wrong with it is its status, and then nothing has changed. By one thread at a time.
 */
public final class IommuDevice implements DeviceType {
    private static final int MOST_MAPPINGS = 1 << 16;
    private static final int MOST_ELEMENTS = 8;
    private static final int MOST_EVENTS = 64;
    private static final int NO_DOMAIN = -1;
    private static final long PAGE_MASK = 0xfff;
    private static final int PROTECTION = Iommu.READ | Iommu.WRITE;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Invalidations invalidations;
    private final DescriptorChain chain = new DescriptorChain(MOST_ELEMENTS);
    private final MemorySegment request = MemorySegment.ofArray(new byte[Iommu.PROBE_SIZE]);
    private final MemorySegment tail = MemorySegment.ofArray(new byte[Iommu.TAIL]);
    private final MemorySegment properties = MemorySegment.ofArray(new byte[Iommu.PROPERTIES]);
    private final MemorySegment event = MemorySegment.ofArray(new byte[Iommu.EVENT]);

    /** Those that exist; which domain each is attached to, or none. */
    private final Map<Integer, Integer> endpoints = new HashMap<>();

    private final Map<Integer, AddressSpace> domains = new HashMap<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private int mappings;
    private boolean bypass;

    /** Of the request that is worked on: whether all of it that the driver may look at was written. */
    private boolean filled;

    /** Who remembers translations. */
    public interface Invalidations {
        /**
         * What was translated is not so any more.
         *
         * @param endpoint whose
         * @param first virtual address
         * @param last virtual address
         */
        void forget(int endpoint, long first, long last);
    }

    /**
     * An access that was not translated.
     *
     * @param reason FAULT_DOMAIN or FAULT_MAPPING of {@link Iommu}
     * @param flags FAULT_READ or FAULT_WRITE, and FAULT_ADDRESS
     * @param endpoint whose
     * @param address virtual
     */
    public record Fault(int reason, int flags, int endpoint, long address) {}

    /**
     * A device that nobody drives yet, without endpoints.
     *
     * @param invalidations told before the request that changes a translation is done
     */
    public IommuDevice(Invalidations invalidations) {
        this.invalidations = invalidations;
    }

    @Override
    public int deviceId() {
        return Iommu.DEVICE_ID;
    }

    @Override
    public long features() {
        return Iommu.F_INPUT_RANGE | Iommu.F_DOMAIN_RANGE | Iommu.F_MAP_UNMAP | Iommu.F_PROBE | Iommu.F_BYPASS_CONFIG;
    }

    /** Nobody translates for the IOMMU itself. */
    @Override
    public long mandatory() {
        return Feature.VERSION_1;
    }

    @Override
    public int queues() {
        return 2;
    }

    @Override
    public void begin(long features) {}

    @Override
    public int configuration(int offset) {
        return switch (offset) {
            case Iommu.PAGE_SIZE_MASK -> (int) ~PAGE_MASK;
            case Iommu.PAGE_SIZE_MASK + Integer.BYTES -> -1;
            case Iommu.INPUT_END -> (int) Iommu.LAST_ADDRESS;
            case Iommu.INPUT_END + Integer.BYTES -> (int) (Iommu.LAST_ADDRESS >>> Integer.SIZE);
            case Iommu.DOMAIN_END -> Iommu.LAST_DOMAIN;
            case Iommu.PROBE_BYTES -> Iommu.PROPERTIES;
            case Iommu.BYPASS -> bypass ? 1 : 0;
            default -> 0;
        };
    }

    @Override
    public void configure(int offset, int value) {
        if (offset == Iommu.BYPASS) {
            bypass = (value & 0xff) != 0;
        }
    }

    /** Every endpoint is in no domain again; bypass stays as it is (5.13.5.2). */
    @Override
    public void reset() {
        for (Map.Entry<Integer, Integer> endpoint : endpoints.entrySet()) {
            endpoint.setValue(NO_DOMAIN);
            invalidations.forget(endpoint.getKey(), 0, -1);
        }
        domains.clear();
        faults.clear();
        mappings = 0;
    }

    // ---- endpoints, as the platform has them

    /**
     * An endpoint is plugged in; it is in no domain. One that is there already stays as it is.
     *
     * @param endpoint its number
     */
    public void plug(int endpoint) {
        endpoints.putIfAbsent(endpoint, NO_DOMAIN);
    }

    /**
     * Translates for an endpoint; what is not translated becomes an event.
     *
     * @param endpoint that was plugged in
     * @param address virtual
     * @param writes whether it writes, or reads
     * @return physical address, or -1
     */
    public long translate(int endpoint, long address, boolean writes) {
        AddressSpace space = domains.get(endpoints.getOrDefault(endpoint, NO_DOMAIN));
        if (space == null && bypass) {
            return address;
        }
        long found = space == null ? AddressSpace.NOWHERE : space.translate(address, writes ? Iommu.WRITE : Iommu.READ);
        if (found == AddressSpace.NOWHERE && faults.size() < MOST_EVENTS) {
            int flags = Iommu.FAULT_ADDRESS | (writes ? Iommu.FAULT_WRITE : Iommu.FAULT_READ);
            int reason = space == null ? Iommu.FAULT_DOMAIN : Iommu.FAULT_MAPPING;
            faults.add(new Fault(reason, flags, endpoint, address));
        }
        return found;
    }

    /**
     * Whether there is something to tell.
     *
     * @return whether the queue of events should be served
     */
    public boolean hasEvents() {
        return !faults.isEmpty();
    }

    // ---- queues

    @Override
    public void serve(int number, DeviceQueue queue, DeviceSide memory, int most) {
        if (number == Iommu.EVENTS) {
            tell(queue, memory);
            return;
        }
        for (int count = 0; count < most && queue.take(chain) == DeviceQueue.Taken.CHAIN; count++) {
            QueueFault fault = answer(memory);
            if (fault != QueueFault.NONE) {
                queue.breakDown(fault);
                return;
            }
            queue.use(chain, filled ? chain.writableBytes() : 0);
        }
    }

    /** What nobody has a buffer for waits, and is lost when it is too much. */
    private void tell(DeviceQueue queue, DeviceSide memory) {
        while (!faults.isEmpty() && queue.take(chain) == DeviceQueue.Taken.CHAIN) {
            Fault fault = faults.remove();
            event.fill((byte) 0);
            event.set(BYTE, 0, (byte) fault.reason);
            event.set(INT, 4, fault.flags);
            event.set(INT, 8, fault.endpoint);
            event.set(LONG, 16, fault.address);
            if (chain.writableBytes() < Iommu.EVENT) {
                queue.breakDown(QueueFault.NO_SUCH_REQUEST);
                return;
            }
            if (chain.store(memory, 0, event, Iommu.EVENT) != Status.OKAY) {
                queue.breakDown(QueueFault.UNREACHABLE);
                return;
            }
            queue.use(chain, Iommu.EVENT);
        }
    }

    private QueueFault answer(DeviceSide memory) {
        if (chain.readableBytes() < Iommu.HEAD || chain.writableBytes() < Iommu.TAIL) {
            return QueueFault.NO_SUCH_REQUEST;
        }
        int length = (int) Math.min(chain.readableBytes(), request.byteSize());
        request.fill((byte) 0);
        if (chain.load(memory, 0, request, length) != Status.OKAY) {
            return QueueFault.UNREACHABLE;
        }
        boolean reserved = (request.get(INT, 0) & ~0xff) != 0;
        int type = request.get(BYTE, 0) & 0xff;
        properties.fill((byte) 0);
        int status = reserved ? Iommu.INVAL : perform(type, length);
        long told = chain.writableBytes() - Iommu.TAIL;
        boolean tells = type == Iommu.PROBE && told >= Iommu.PROPERTIES;
        if (tells && chain.store(memory, 0, properties, Iommu.PROPERTIES) != Status.OKAY) {
            return QueueFault.UNREACHABLE;
        }
        filled = told == (tells ? Iommu.PROPERTIES : 0);
        tail.set(BYTE, 0, (byte) status);
        return chain.store(memory, told, tail, Iommu.TAIL) == Status.OKAY ? QueueFault.NONE : QueueFault.UNREACHABLE;
    }

    private int perform(int type, int length) {
        return switch (type) {
            case Iommu.ATTACH -> length < Iommu.ATTACH_SIZE ? Iommu.INVAL : attach();
            case Iommu.DETACH -> length < Iommu.ATTACH_SIZE ? Iommu.INVAL : detach();
            case Iommu.MAP -> length < Iommu.MAP_SIZE ? Iommu.INVAL : map();
            case Iommu.UNMAP -> length < Iommu.UNMAP_SIZE ? Iommu.INVAL : unmap();
            case Iommu.PROBE -> length < Iommu.PROBE_SIZE ? Iommu.INVAL : probe();
            default -> Iommu.UNSUPP;
        };
    }

    private int domain() {
        return request.get(INT, 4);
    }

    // ---- requests: 5.13.6.3 to 5.13.6.7

    private int attach() {
        int endpoint = request.get(INT, 8);
        int flags = request.get(INT, 12);
        if (request.get(INT, 16) != 0 || (flags & ~Iommu.ATTACH_BYPASS) != 0) {
            return Iommu.INVAL;
        }
        if (!endpoints.containsKey(endpoint) || domain() < 0 || domain() > Iommu.LAST_DOMAIN) {
            return Iommu.NOENT;
        }
        boolean passes = flags != 0;
        AddressSpace known = domains.get(domain());
        if (known != null && known.bypass != passes) {
            return Iommu.INVAL;
        }
        AddressSpace space = known == null ? new AddressSpace(passes) : known;
        space.endpoints++;
        leave(endpoint);
        domains.put(domain(), space);
        endpoints.put(endpoint, domain());
        return Iommu.OK;
    }

    private int detach() {
        int endpoint = request.get(INT, 8);
        if (request.get(LONG, 12) != 0) {
            return Iommu.INVAL;
        }
        Integer attached = endpoints.get(endpoint);
        if (attached == null || !domains.containsKey(domain())) {
            return Iommu.NOENT;
        }
        if (attached != domain()) {
            return Iommu.INVAL;
        }
        leave(endpoint);
        return Iommu.OK;
    }

    /** A domain ends with its last endpoint, and all of its mappings with it. */
    private void leave(int endpoint) {
        int left = endpoints.getOrDefault(endpoint, NO_DOMAIN);
        AddressSpace space = domains.get(left);
        if (space == null) {
            return;
        }
        endpoints.put(endpoint, NO_DOMAIN);
        invalidations.forget(endpoint, 0, -1);
        space.endpoints--;
        if (space.endpoints == 0) {
            mappings -= space.size();
            domains.remove(left);
        }
    }

    private int map() {
        long first = request.get(LONG, 8);
        long last = request.get(LONG, 16);
        long physical = request.get(LONG, 24);
        int flags = request.get(INT, 32);
        AddressSpace space = domains.get(domain());
        if (space == null) {
            return Iommu.NOENT;
        }
        if (space.bypass || flags == 0 || (flags & ~PROTECTION) != 0) {
            return Iommu.INVAL;
        }
        if (((first | last + 1 | physical) & PAGE_MASK) != 0 || !inRange(first, last)) {
            return Iommu.RANGE;
        }
        if (first <= Iommu.LAST_RESERVED || space.overlaps(first, last) || physical < 0) {
            return Iommu.INVAL;
        }
        if (mappings == MOST_MAPPINGS) {
            return Iommu.NOMEM;
        }
        space.map(first, last, physical, flags);
        mappings++;
        return Iommu.OK;
    }

    private static boolean inRange(long first, long last) {
        return first >= 0 && first <= last && last <= Iommu.LAST_ADDRESS;
    }

    private int unmap() {
        long first = request.get(LONG, 8);
        long last = request.get(LONG, 16);
        AddressSpace space = domains.get(domain());
        if (space == null) {
            return Iommu.NOENT;
        }
        if (space.bypass || request.get(INT, 24) != 0) {
            return Iommu.INVAL;
        }
        if (!inRange(first, last)) {
            return Iommu.RANGE;
        }
        int before = space.size();
        if (!space.unmap(first, last)) {
            return Iommu.RANGE;
        }
        mappings -= before - space.size();
        endpoints.forEach((endpoint, domain) -> {
            if (domain == domain()) {
                invalidations.forget(endpoint, first, last);
            }
        });
        return Iommu.OK;
    }

    /** One property: the page at address 0 is reserved. */
    private int probe() {
        for (int at = 8; at < Iommu.PROBE_SIZE; at += Long.BYTES) {
            if (request.get(LONG, at) != 0) {
                return Iommu.INVAL;
            }
        }
        if (!endpoints.containsKey(domain())) {
            return Iommu.NOENT;
        }
        if (chain.writableBytes() < Iommu.PROPERTIES + Iommu.TAIL) {
            return Iommu.INVAL;
        }
        properties.set(SHORT, 0, (short) Iommu.RESV_MEM);
        properties.set(SHORT, 2, (short) Iommu.RESV_MEM_LENGTH);
        properties.set(LONG, 16, Iommu.LAST_RESERVED);
        return Iommu.OK;
    }

    /**
     * The domain that an endpoint is attached to.
     *
     * @param endpoint its number
     * @return its domain; null of an endpoint that is in none, or is none
     */
    public @Nullable Integer domainOf(int endpoint) {
        Integer domain = endpoints.get(endpoint);
        return domain == null || domain == NO_DOMAIN ? null : domain;
    }
}
