package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;

/** The device's side of a split queue (section 2.7). */
final class SplitDeviceQueue implements DeviceQueue {
    private final QueueWords words;
    private final int size;
    private final long table;
    private final long available;
    private final long used;
    private final boolean indirectNegotiated;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final UsedBatch batch = new UsedBatch();

    /** Free-running, of 16 bits: what was taken, and how far the driver was when the device looked. */
    private int availableIndex;

    private int seenAvailableIndex;

    /** Free-running, of 16 bits: what was put into the used ring, and what the driver can see of it. */
    private int usedIndex;

    private int publishedIndex;

    private long taken;
    private long marked;

    SplitDeviceQueue(GuestMemory memory, QueueLayout layout, long features) {
        layout.checked(false);
        this.words = new QueueWords(memory);
        this.size = layout.size();
        this.table = layout.descriptors();
        this.available = layout.driverArea();
        this.used = layout.deviceArea();
        this.indirectNegotiated = Feature.has(features, Feature.INDIRECT_DESC);
        this.eventIndex = Feature.has(features, Feature.EVENT_IDX);
        this.inOrder = Feature.has(features, Feature.IN_ORDER);
    }

    // Taking

    @Override
    public Taken take(DescriptorChain into) {
        if (words.broken()) {
            return Taken.BROKEN;
        }
        if (availableIndex == seenAvailableIndex && !look()) {
            return words.broken() ? Taken.BROKEN : Taken.EMPTY;
        }
        int head = words.load16(available + AvailableRing.entry(availableIndex, size));
        if (words.broken() || words.refused(read(head, into))) {
            return Taken.BROKEN;
        }
        availableIndex = availableIndex + 1 & 0xffff;
        into.id = head;
        into.sequence = taken++;
        return Taken.CHAIN;
    }

    /** Whether the driver made something more available. What was not told used keeps its descriptors. */
    private boolean look() {
        int index = words.load16(available + AvailableRing.INDEX);
        int outstanding = index - publishedIndex & 0xffff;
        if (words.broken() || (outstanding > size && words.refused(QueueFault.INDEX_TOO_FAR))) {
            return false;
        }
        int more = index - availableIndex & 0xffff;
        if (more > size && words.refused(QueueFault.INDEX_TOO_FAR)) {
            return false;
        }
        seenAvailableIndex = index;
        return more > 0;
    }

    /** 2.7.5: at most as many descriptors as the queue has, and one for a table; each is loaded once. */
    private QueueFault read(int head, DescriptorChain into) {
        into.clear();
        into.ringDescriptors = 0;
        boolean inTable = false;
        long base = table;
        int entries = size;
        int descriptor = head;
        for (int left = size; left > 0; left--) {
            if (descriptor >= entries) {
                return QueueFault.NO_SUCH_DESCRIPTOR;
            }
            long at = base + (long) descriptor * Descriptor.SIZE;
            long address = words.load64(at);
            long rest = words.load64(at + Descriptor.REST);
            if (words.broken()) {
                return words.fault();
            }
            int flags = Descriptor.third(rest);
            into.ringDescriptors += inTable ? 0 : 1;
            if ((flags & Descriptor.INDIRECT) != 0) {
                QueueFault why = judgeTable(address, rest, flags, inTable);
                if (why != QueueFault.NONE) {
                    return why;
                }
                inTable = true;
                base = address;
                entries = (int) (Descriptor.length(rest) / Descriptor.SIZE);
                descriptor = 0;
                left++;
                continue;
            }
            QueueFault why = into.add(address, Descriptor.length(rest), (flags & Descriptor.WRITE) != 0);
            if (why != QueueFault.NONE || (flags & Descriptor.NEXT) == 0) {
                return why;
            }
            int following = Descriptor.fourth(rest);
            if (inOrder && following != successor(descriptor, inTable)) {
                return QueueFault.OUT_OF_ORDER;
            }
            descriptor = following;
        }
        return QueueFault.CHAIN_TOO_LONG;
    }

    /** 2.7.5.3; whether the device writes is not asked of the descriptor of a table. */
    private QueueFault judgeTable(long address, long rest, int flags, boolean inTable) {
        if (!indirectNegotiated) {
            return QueueFault.INDIRECT_NOT_NEGOTIATED;
        }
        if (inTable) {
            return QueueFault.INDIRECT_IN_INDIRECT;
        }
        if ((flags & Descriptor.NEXT) != 0) {
            return QueueFault.INDIRECT_IN_CHAIN;
        }
        return Descriptor.judgeTable(address, Descriptor.length(rest), size);
    }

    /** 2.7.5.2 and 2.7.5.3.1. */
    private int successor(int descriptor, boolean inTable) {
        return inTable ? descriptor + 1 : descriptor + 1 & size - 1;
    }

    // Using: 2.7.8 and 2.7.9

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
            place(chain.id, written, 1);
            return;
        }
        batch.add(chain, written);
        if (batch.ended()) {
            endBatch();
        }
    }

    private void endBatch() {
        place(batch.id(), batch.written(), batch.buffers());
        batch.clear();
    }

    /** The length before the index that shows it (2.7.8.2). */
    private void place(int id, long written, int buffers) {
        long element = used + UsedRing.element(usedIndex, size);
        words.store32(element, id);
        words.store32(element + UsedRing.LENGTH, written);
        usedIndex = usedIndex + buffers & 0xffff;
    }

    /** 2.7.7.2. */
    @Override
    public boolean publish() {
        if (batch.buffers() > 0) {
            endBatch();
        }
        if (words.broken() || usedIndex == publishedIndex) {
            return false;
        }
        words.store16(used + UsedRing.INDEX, usedIndex);
        QueueWords.barrier();
        boolean wanted = eventIndex
                ? EventIndex.passed(words.load16(available + AvailableRing.usedEvent(size)), publishedIndex, usedIndex)
                : (words.load16(available + AvailableRing.FLAGS) & AvailableRing.NO_INTERRUPT) == 0;
        publishedIndex = usedIndex;
        return wanted && !words.broken();
    }

    // Notifications: 2.7.10

    @Override
    public void disableNotifications() {
        if (eventIndex) {
            words.store16(used + UsedRing.availEvent(size), availableIndex - 1);
        } else {
            words.store16(used + UsedRing.FLAGS, UsedRing.NO_NOTIFY);
        }
    }

    @Override
    public boolean enableNotifications() {
        if (eventIndex) {
            words.store16(used + UsedRing.availEvent(size), availableIndex);
        } else {
            words.store16(used + UsedRing.FLAGS, 0);
        }
        QueueWords.barrier();
        return words.load16(available + AvailableRing.INDEX) != availableIndex || words.broken();
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
