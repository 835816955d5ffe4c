package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;
import org.jspecify.annotations.Nullable;

/** The driver's side of a split queue (section 2.7). A buffer is known by the head of its chain. */
final class SplitDriverQueue implements DriverQueue {
    private final QueueWords words;
    private final int size;
    private final long table;
    private final long available;
    private final long used;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final @Nullable IndirectTables tables;
    private final InFlight inFlight;

    /** By descriptor: the next free one, or the next of its chain. In order it is always the next of the table. */
    private final int[] next;

    private int firstFree;
    private int free;

    /** Free-running, of 16 bits: what was put into the available ring, and what the device can see of it. */
    private int availableIndex;

    private int publishedIndex;

    /** Free-running, of 16 bits: what was taken from the used ring, and how far the device was when the driver looked. */
    private int usedIndex;

    private int seenUsedIndex;

    /** In order: buffers of a batch that were not told yet, and its last one. */
    private int batch;

    private int batchId;
    private long batchWritten;

    private long written;

    SplitDriverQueue(GuestMemory memory, QueueLayout layout, long features, @Nullable IndirectTables tables) {
        layout.checked(false);
        this.words = new QueueWords(memory);
        this.size = layout.size();
        this.table = layout.descriptors();
        this.available = layout.driverArea();
        this.used = layout.deviceArea();
        this.eventIndex = Feature.has(features, Feature.EVENT_IDX);
        this.inOrder = Feature.has(features, Feature.IN_ORDER);
        this.tables = IndirectTables.enough(tables, size);
        this.inFlight = new InFlight(size);
        this.next = new int[size];
        for (int descriptor = 0; descriptor < size; descriptor++) {
            next[descriptor] = successor(descriptor);
        }
        this.free = size;
        words.clear(table, layout.descriptorsBytes());
        words.clear(available, layout.driverAreaBytes(false));
        words.clear(used, layout.deviceAreaBytes(false));
    }

    private int successor(int descriptor) {
        return descriptor + 1 & size - 1;
    }

    // Making available: 2.7.13

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
        int head = firstFree;
        if (room != null) {
            writeIndirect(room, head, chain);
        } else {
            writeDirect(head, chain);
        }
        free -= needed;
        inFlight.add(head, needed, chain.writableBytes());
        words.store16(available + AvailableRing.entry(availableIndex, size), head);
        availableIndex = availableIndex + 1 & 0xffff;
        return head;
    }

    /** 2.7.13.1. */
    private void writeDirect(int head, DescriptorChain chain) {
        int descriptor = head;
        int last = chain.count() - 1;
        for (int n = 0; n <= last; n++) {
            int flags = (chain.deviceWrites(n) ? Descriptor.WRITE : 0) | (n < last ? Descriptor.NEXT : 0);
            write(table, descriptor, chain.address(n), chain.length(n), flags, n < last ? next[descriptor] : 0);
            descriptor = next[descriptor];
        }
        firstFree = descriptor;
    }

    /** 2.7.5.3: the table's own chain is sequential, as order would have it. */
    private void writeIndirect(IndirectTables room, int head, DescriptorChain chain) {
        long indirect = room.address(head);
        int last = chain.count() - 1;
        for (int n = 0; n <= last; n++) {
            int flags = (chain.deviceWrites(n) ? Descriptor.WRITE : 0) | (n < last ? Descriptor.NEXT : 0);
            write(indirect, n, chain.address(n), chain.length(n), flags, n < last ? n + 1 : 0);
        }
        long bytes = (long) chain.count() * Descriptor.SIZE;
        write(table, head, room.busAddress(head), bytes, Descriptor.INDIRECT, 0);
        firstFree = next[head];
    }

    private void write(long base, int descriptor, long address, long length, int flags, int following) {
        long at = base + (long) descriptor * Descriptor.SIZE;
        words.store64(at, address);
        words.store64(at + Descriptor.REST, Descriptor.rest(length, flags, following));
    }

    /** 2.7.13.3, 2.7.13.4 and 2.7.10.1. */
    @Override
    public boolean publish() {
        if (words.broken() || availableIndex == publishedIndex) {
            return false;
        }
        inFlight.publish();
        words.store16(available + AvailableRing.INDEX, availableIndex);
        QueueWords.barrier();
        boolean wanted = eventIndex
                ? EventIndex.passed(words.load16(used + UsedRing.availEvent(size)), publishedIndex, availableIndex)
                : (words.load16(used + UsedRing.FLAGS) & UsedRing.NO_NOTIFY) == 0;
        publishedIndex = availableIndex;
        return wanted && !words.broken();
    }

    // Receiving: 2.7.14

    @Override
    public int poll() {
        if (batch > 0) {
            return told();
        }
        if (words.broken()) {
            return BROKEN;
        }
        if (usedIndex == seenUsedIndex && !look()) {
            return words.broken() ? BROKEN : NONE;
        }
        long element = used + UsedRing.element(usedIndex, size);
        long id = words.load32(element);
        long length = words.load32(element + UsedRing.LENGTH);
        if (words.broken() || words.refused(inFlight.judge(id, length))) {
            return BROKEN;
        }
        int buffers = inOrder ? inFlight.upTo((int) id) : 1;
        if (buffers > (seenUsedIndex - usedIndex & 0xffff) && words.refused(QueueFault.INDEX_TOO_FAR)) {
            return BROKEN;
        }
        usedIndex = usedIndex + buffers & 0xffff;
        batch = buffers;
        batchId = (int) id;
        batchWritten = length;
        return told();
    }

    /** Whether the device used something more. */
    private boolean look() {
        int index = words.load16(used + UsedRing.INDEX);
        int more = index - usedIndex & 0xffff;
        if (words.broken() || (more > inFlight.visible() && words.refused(QueueFault.INDEX_TOO_FAR))) {
            return false;
        }
        seenUsedIndex = index;
        return more > 0;
    }

    /** The next one of a batch. Those before the last were used completely (2.7.9). */
    private int told() {
        batch--;
        int id = batch == 0 ? batchId : inFlight.oldest();
        written = batch == 0 ? batchWritten : inFlight.room(id);
        release(id);
        return id;
    }

    private void release(int head) {
        int count = inFlight.descriptors(head);
        if (!inOrder) {
            int last = head;
            for (int n = 1; n < count; n++) {
                last = next[last];
            }
            next[last] = firstFree;
            firstFree = head;
        }
        free += count;
        inFlight.remove(head);
    }

    @Override
    public long written() {
        return written;
    }

    // Notifications: 2.7.7

    @Override
    public void disableNotifications() {
        if (eventIndex) {
            words.store16(available + AvailableRing.usedEvent(size), usedIndex - 1);
        } else {
            words.store16(available + AvailableRing.FLAGS, AvailableRing.NO_INTERRUPT);
        }
    }

    @Override
    public boolean enableNotifications() {
        if (eventIndex) {
            words.store16(available + AvailableRing.usedEvent(size), usedIndex);
        } else {
            words.store16(available + AvailableRing.FLAGS, 0);
        }
        QueueWords.barrier();
        return batch > 0 || words.load16(used + UsedRing.INDEX) != usedIndex || words.broken();
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
