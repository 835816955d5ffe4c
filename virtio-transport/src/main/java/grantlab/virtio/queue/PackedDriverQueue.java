package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;
import org.jspecify.annotations.Nullable;

/** The driver's side of a packed queue (section 2.8). */
final class PackedDriverQueue implements DriverQueue {
    private final QueueWords words;
    private final int size;
    private final long ring;
    private final long driverEvents;
    private final long deviceEvents;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final @Nullable IndirectTables tables;
    private final InFlight inFlight;
    private final HeldBack heldBack;

    /** Buffer ids that nobody has: the first so many. */
    private final int[] freeIds;

    private int freeIdCount;
    private int free;

    /** Where the next descriptor is made available, and where the next used one will be. */
    private final RingPosition available;

    private final RingPosition used;

    /** In order: buffers of a batch that were not told yet, and its last one. */
    private int batch;

    private int batchId;
    private long batchWritten;

    private long written;

    PackedDriverQueue(GuestMemory memory, QueueLayout layout, long features, @Nullable IndirectTables tables) {
        layout.checked(true);
        this.words = new QueueWords(memory);
        this.size = layout.size();
        this.ring = layout.descriptors();
        this.driverEvents = layout.driverArea();
        this.deviceEvents = layout.deviceArea();
        this.eventIndex = Feature.has(features, Feature.EVENT_IDX);
        this.inOrder = Feature.has(features, Feature.IN_ORDER);
        this.tables = IndirectTables.enough(tables, size);
        this.inFlight = new InFlight(size);
        this.heldBack = new HeldBack(words);
        this.freeIds = new int[size];
        for (int id = 0; id < size; id++) {
            freeIds[id] = size - 1 - id;
        }
        this.freeIdCount = size;
        this.free = size;
        this.available = new RingPosition(size);
        this.used = new RingPosition(size);
        words.clear(ring, layout.descriptorsBytes());
        words.clear(driverEvents, EventSuppression.SIZE);
        words.clear(deviceEvents, EventSuppression.SIZE);
    }

    // Making available: 2.8.21

    @Override
    public int add(DescriptorChain chain) {
        IndirectTables room = tables != null && tables.suits(chain.count()) ? tables : null;
        int needed = room != null ? 1 : chain.count();
        if (chain.count() == 0 || chain.count() > size) {
            throw new IllegalArgumentException("a chain of " + chain.count() + " in a queue of " + size);
        }
        if (words.broken()) {
            return BROKEN;
        }
        if (needed > free) {
            return NONE;
        }
        int id = freeIds[--freeIdCount];
        if (room != null) {
            writeIndirect(room, id, chain);
        } else {
            writeDirect(id, chain);
        }
        free -= needed;
        inFlight.add(id, needed, chain.writableBytes());
        return id;
    }

    /** 2.8.21.1: all of a list before its first, which shows it. */
    private void writeDirect(int id, DescriptorChain chain) {
        long first = here();
        long firstRest = 0;
        int last = chain.count() - 1;
        for (int n = 0; n <= last; n++) {
            int flags = (chain.deviceWrites(n) ? Descriptor.WRITE : 0) | (n < last ? Descriptor.NEXT : 0);
            long rest = Descriptor.rest(chain.length(n), id, flags | available.available());
            words.store64(here(), chain.address(n));
            if (n == 0) {
                firstRest = rest;
            } else {
                words.store64(here() + Descriptor.REST, rest);
            }
            available.advance(1);
        }
        heldBack.write(first, firstRest, chain.count());
    }

    private long here() {
        return ring + (long) available.at() * Descriptor.SIZE;
    }

    /** 2.8.7: sequential, with no flag but one. */
    private void writeIndirect(IndirectTables room, int id, DescriptorChain chain) {
        long table = room.address(id);
        for (int n = 0; n < chain.count(); n++) {
            long at = table + (long) n * Descriptor.SIZE;
            words.store64(at, chain.address(n));
            words.store64(
                    at + Descriptor.REST,
                    Descriptor.rest(chain.length(n), 0, chain.deviceWrites(n) ? Descriptor.WRITE : 0));
        }
        long bytes = (long) chain.count() * Descriptor.SIZE;
        words.store64(here(), room.busAddress(id));
        heldBack.write(here(), Descriptor.rest(bytes, id, Descriptor.INDIRECT | available.available()), 1);
        available.advance(1);
    }

    /** 2.8.21.2. */
    @Override
    public boolean publish() {
        int descriptors = heldBack.written();
        if (words.broken() || descriptors == 0) {
            return false;
        }
        inFlight.publish();
        heldBack.show();
        QueueWords.barrier();
        long wish = words.load32(deviceEvents);
        return !words.broken()
                && EventSuppression.wants(wish, eventIndex, available.at(), available.wrap(), descriptors, size);
    }

    // Receiving: 2.8.22

    @Override
    public int poll() {
        if (batch > 0) {
            return told();
        }
        if (words.broken()) {
            return BROKEN;
        }
        long rest = words.load64(ring + (long) used.at() * Descriptor.SIZE + Descriptor.REST);
        if (words.broken()) {
            return BROKEN;
        }
        int flags = Descriptor.fourth(rest);
        if (!used.isUsed(flags)) {
            return NONE;
        }
        int id = Descriptor.third(rest);
        long length = (flags & Descriptor.WRITE) != 0 ? Descriptor.length(rest) : 0;
        if (words.refused(inFlight.judge(id, length))) {
            return BROKEN;
        }
        batch = inOrder ? inFlight.upTo(id) : 1;
        batchId = id;
        batchWritten = length;
        return told();
    }

    /** The next one of a batch. Those before the last were used completely (2.8.8). */
    private int told() {
        batch--;
        int id = batch == 0 ? batchId : inFlight.oldest();
        written = batch == 0 ? batchWritten : inFlight.room(id);
        int descriptors = inFlight.descriptors(id);
        used.advance(descriptors);
        free += descriptors;
        freeIds[freeIdCount++] = id;
        inFlight.remove(id);
        return id;
    }

    @Override
    public long written() {
        return written;
    }

    // Notifications: 2.8.10

    @Override
    public void disableNotifications() {
        words.store32(driverEvents, EventSuppression.DISABLE);
    }

    @Override
    public boolean enableNotifications() {
        words.store32(driverEvents, eventIndex ? EventSuppression.at(used.at(), used.wrap()) : EventSuppression.ENABLE);
        QueueWords.barrier();
        long rest = words.load64(ring + (long) used.at() * Descriptor.SIZE + Descriptor.REST);
        return batch > 0 || used.isUsed(Descriptor.fourth(rest)) || words.broken();
    }

    @Override
    public int inFlight() {
        return inFlight.count();
    }

    // Broken

    @Override
    public QueueFault fault() {
        return words.fault();
    }
}
