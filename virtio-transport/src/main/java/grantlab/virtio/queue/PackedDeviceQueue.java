package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;

/** The device's side of a packed queue (section 2.8). */
final class PackedDeviceQueue implements DeviceQueue {
    private final QueueWords words;
    private final int size;
    private final long ring;
    private final long driverEvents;
    private final long deviceEvents;
    private final boolean indirectNegotiated;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final UsedBatch batch = new UsedBatch();
    private final HeldBack heldBack;

    /** Where the next available descriptor will be, and where the next used one goes. */
    private final RingPosition available;

    private final RingPosition used;

    /** The position within a list that is being read. */
    private final RingPosition reading;

    /** Descriptors that were taken and are not shown used. */
    private int outstanding;

    private long taken;
    private long marked;

    PackedDeviceQueue(GuestMemory memory, QueueLayout layout, long features) {
        layout.checked(true);
        this.words = new QueueWords(memory);
        this.size = layout.size();
        this.ring = layout.descriptors();
        this.driverEvents = layout.driverArea();
        this.deviceEvents = layout.deviceArea();
        this.indirectNegotiated = Feature.has(features, Feature.INDIRECT_DESC);
        this.eventIndex = Feature.has(features, Feature.EVENT_IDX);
        this.inOrder = Feature.has(features, Feature.IN_ORDER);
        this.heldBack = new HeldBack(words);
        this.available = new RingPosition(size);
        this.used = new RingPosition(size);
        this.reading = new RingPosition(size);
    }

    // Taking

    /** The word that shows a list is also the first of it that is used: it is loaded once. */
    @Override
    public Taken take(DescriptorChain into) {
        if (words.broken()) {
            return Taken.BROKEN;
        }
        long first = rest(available);
        if (words.broken()) {
            return Taken.BROKEN;
        }
        if (!available.isAvailable(Descriptor.fourth(first))) {
            return Taken.EMPTY;
        }
        if (words.refused(read(first, into))) {
            return Taken.BROKEN;
        }
        available.set(reading);
        outstanding += into.ringDescriptors;
        into.sequence = taken++;
        return Taken.CHAIN;
    }

    private long rest(RingPosition position) {
        return words.load64(ring + (long) position.at() * Descriptor.SIZE + Descriptor.REST);
    }

    /** 2.8.6: what was not shown used keeps its descriptors, so that a list has at most as many as are left. */
    private QueueFault read(long first, DescriptorChain into) {
        into.clear();
        into.ringDescriptors = 0;
        reading.set(available);
        long rest = first;
        for (int left = size - outstanding; left > 0; left--) {
            if (into.ringDescriptors > 0) {
                rest = rest(reading);
            }
            long address = words.load64(ring + (long) reading.at() * Descriptor.SIZE);
            if (words.broken()) {
                return words.fault();
            }
            int flags = Descriptor.fourth(rest);
            if (!reading.isAvailable(flags)) {
                return QueueFault.LIST_INCOMPLETE;
            }
            into.id = Descriptor.third(rest);
            into.ringDescriptors++;
            reading.advance(1);
            if ((flags & Descriptor.INDIRECT) != 0) {
                return readTable(address, rest, flags, into);
            }
            QueueFault why = into.add(address, Descriptor.length(rest), (flags & Descriptor.WRITE) != 0);
            if (why != QueueFault.NONE || (flags & Descriptor.NEXT) == 0) {
                return why;
            }
        }
        return outstanding == 0 ? QueueFault.CHAIN_TOO_LONG : QueueFault.INDEX_TOO_FAR;
    }

    /** 2.8.7: one after the other, and no flag but one is looked at. */
    private QueueFault readTable(long table, long rest, int flags, DescriptorChain into) {
        if (!indirectNegotiated) {
            return QueueFault.INDIRECT_NOT_NEGOTIATED;
        }
        if ((flags & Descriptor.NEXT) != 0 || into.count() > 0) {
            return QueueFault.INDIRECT_IN_CHAIN;
        }
        long bytes = Descriptor.length(rest);
        QueueFault why = Descriptor.judgeTable(table, bytes, size);
        for (long at = 0; at < bytes && why == QueueFault.NONE; at += Descriptor.SIZE) {
            long address = words.load64(table + at);
            long entry = words.load64(table + at + Descriptor.REST);
            boolean deviceWrites = (Descriptor.fourth(entry) & Descriptor.WRITE) != 0;
            why = words.broken() ? words.fault() : into.add(address, Descriptor.length(entry), deviceWrites);
        }
        return why;
    }

    // Using

    @Override
    public void use(DescriptorChain chain, long written) {
        if (written > chain.writableBytes() || (inOrder && chain.sequence != marked)) {
            throw new IllegalArgumentException(written + " bytes written of " + chain.writableBytes() + ", buffer "
                    + chain.sequence + " when " + marked + " were used");
        }
        if (words.broken()) {
            return;
        }
        marked++;
        if (!inOrder) {
            place(chain.id, written, chain.ringDescriptors);
            return;
        }
        batch.add(chain, written);
        if (batch.ended()) {
            endBatch();
        }
    }

    private void endBatch() {
        place(batch.id(), batch.written(), batch.descriptors());
        batch.clear();
    }

    /** One descriptor for the whole list, and on by as many as that has (2.8.6). */
    private void place(int id, long written, int descriptors) {
        int flags = used.used() | (written > 0 ? Descriptor.WRITE : 0);
        heldBack.write(ring + (long) used.at() * Descriptor.SIZE, Descriptor.rest(written, id, flags), descriptors);
        used.advance(descriptors);
    }

    @Override
    public boolean publish() {
        if (batch.buffers() > 0) {
            endBatch();
        }
        int descriptors = heldBack.written();
        if (words.broken() || descriptors == 0) {
            return false;
        }
        heldBack.show();
        outstanding -= descriptors;
        QueueWords.barrier();
        long wish = words.load32(driverEvents);
        return !words.broken() && EventSuppression.wants(wish, eventIndex, used.at(), used.wrap(), descriptors, size);
    }

    // Notifications: 2.8.10

    @Override
    public void disableNotifications() {
        words.store32(deviceEvents, EventSuppression.DISABLE);
    }

    @Override
    public boolean enableNotifications() {
        words.store32(
                deviceEvents,
                eventIndex ? EventSuppression.at(available.at(), available.wrap()) : EventSuppression.ENABLE);
        QueueWords.barrier();
        return available.isAvailable(Descriptor.fourth(rest(available))) || words.broken();
    }

    // Broken

    @Override
    public void breakDown(QueueFault why) {
        words.refused(why);
    }

    @Override
    public QueueFault fault() {
        return words.fault();
    }
}
