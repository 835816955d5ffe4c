package grantlab.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.virtio.queue.DeviceQueue.Taken;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A driver that writes into its queue what it likes: the device breaks the queue, and has touched nothing but it. */
class HostileDriverTest {
    private static final int SIZE = 8;
    private static final long BEYOND = 1L << 40;
    private static final Form SPLIT = new Form(Feature.MANDATORY | Feature.INDIRECT_DESC, SIZE);
    private static final Form PACKED = new Form(SPLIT.features() | Feature.RING_PACKED, SIZE);
    private static final int AVAIL = Descriptor.AVAIL;

    /** What the device does to memory: how often it loads, and where it stores. */
    private static final class Watched extends FlatMemory.View {
        private final QueuePair pair;
        private int descriptorLoads;
        private int otherLoads;

        Watched(QueuePair pair) {
            pair.memory.super();
            this.pair = pair;
        }

        @Override
        public int load(long address, int width) {
            if (width == Long.BYTES) {
                descriptorLoads++;
            } else {
                otherLoads++;
            }
            return super.load(address, width);
        }

        @Override
        public int store(long address, int width, long stored) {
            QueueLayout layout = pair.layout;
            boolean packed = pair.form.packed();
            boolean inDeviceArea = address >= layout.deviceArea()
                    && address + width <= layout.deviceArea() + layout.deviceAreaBytes(packed);
            boolean inRing = packed
                    && address >= layout.descriptors()
                    && address + width <= layout.descriptors() + layout.descriptorsBytes();
            assertThat(inDeviceArea || inRing)
                    .as("%s: a store at 0x%x", pair.form, address)
                    .isTrue();
            return super.store(address, width, stored);
        }

        /** Two words for each descriptor, once; one descriptor more for a table. */
        void assertRead(int elements, String what) {
            assertThat(descriptorLoads).as(what).isIn(2 * elements, 2 * (elements + 1));
            assertBounded(what);
        }

        /** As many as the queue has, and a table's; the index and the head. */
        void assertBounded(String what) {
            assertThat(descriptorLoads).as(what).isLessThanOrEqualTo(2 * (pair.form.size() + 1));
            assertThat(otherLoads).as(what).isLessThanOrEqualTo(2);
            forget();
        }

        void forget() {
            descriptorLoads = 0;
            otherLoads = 0;
        }
    }

    // ---- one lie at a time

    private final QueuePair split = new QueuePair(SPLIT);
    private final QueuePair packed = new QueuePair(PACKED);
    private final DescriptorChain chain = new DescriptorChain(SIZE);

    private static void descriptor(QueuePair pair, long base, int n, long address, long length, int third, int fourth) {
        long at = base + 16L * n;
        pair.driverView.store(at, 8, address);
        pair.driverView.store(at + 8, 8, Descriptor.rest(length, third, fourth));
    }

    /** Of the table of the split queue. */
    private void direct(int n, long address, long length, int flags, int next) {
        descriptor(split, split.layout.descriptors(), n, address, length, flags, next);
    }

    private void indirect(int n, long address, long length, int flags, int next) {
        descriptor(split, split.tables, n, address, length, flags, next);
    }

    private void available(int head, int index) {
        split.driverView.store(split.layout.driverArea() + 4, 2, head);
        split.driverView.store(split.layout.driverArea() + 2, 2, index);
    }

    private void expect(QueueFault fault) {
        available(0, 1);
        expectBroken(split, fault);
    }

    private void expectBroken(QueuePair pair, QueueFault fault) {
        byte[] before = pair.memory.copy();
        assertThat(pair.device.take(chain)).isEqualTo(Taken.BROKEN);
        assertThat(pair.device.fault()).isEqualTo(fault);
        pair.device.use(chain, 0);
        assertThat(pair.device.publish()).isFalse();
        assertThat(pair.device.take(chain)).isEqualTo(Taken.BROKEN);
        assertThat(pair.memory.copy()).isEqualTo(before);
    }

    @Test
    void headThatIsNone() {
        available(SIZE, 1);
        expectBroken(split, QueueFault.NO_SUCH_DESCRIPTOR);
    }

    @Test
    void nextThatIsNone() {
        direct(0, 64, 8, Descriptor.NEXT, SIZE);
        expect(QueueFault.NO_SUCH_DESCRIPTOR);
    }

    @Test
    void loop() {
        direct(0, 64, 8, Descriptor.NEXT, 1);
        direct(1, 64, 8, Descriptor.NEXT, 0);
        expect(QueueFault.CHAIN_TOO_LONG);
    }

    @Test
    void wholeQueueIsNoLoop() {
        for (int n = 0; n < SIZE; n++) {
            direct(n, 64, 8, n < SIZE - 1 ? Descriptor.NEXT : 0, n + 1);
        }
        available(0, 1);
        assertThat(split.device.take(chain)).isEqualTo(Taken.CHAIN);
        assertThat(chain.count()).isEqualTo(SIZE);
    }

    @Test
    void indexThatWentTooFar() {
        available(0, SIZE + 1);
        expectBroken(split, QueueFault.INDEX_TOO_FAR);
    }

    @Test
    void indexThatWentBack() {
        direct(0, 64, 8, 0, 0);
        available(0, 3);
        for (int n = 0; n < 3; n++) {
            assertThat(split.device.take(chain)).isEqualTo(Taken.CHAIN);
        }
        available(0, 2);
        expectBroken(split, QueueFault.INDEX_TOO_FAR);
    }

    @Test
    void moreThanTheQueueHasWhileNothingIsUsed() {
        direct(0, 64, 8, 0, 0);
        available(0, SIZE);
        for (int n = 0; n < SIZE; n++) {
            split.driverView.store(split.layout.driverArea() + 4 + 2L * n, 2, 0);
            assertThat(split.device.take(chain)).isEqualTo(Taken.CHAIN);
        }
        available(0, SIZE + 1);
        expectBroken(split, QueueFault.INDEX_TOO_FAR);
    }

    @Test
    void noBytes() {
        direct(0, 64, 0, 0, 0);
        expect(QueueFault.EMPTY_ELEMENT);
    }

    @Test
    void bufferLargerThanAllowed() {
        direct(0, 64, 0xffff_ffffL, Descriptor.NEXT, 1);
        direct(1, 64, 2, 0, 0);
        expect(QueueFault.BUFFER_TOO_LARGE);
    }

    @Test
    void largestBuffer() {
        direct(0, 64, 0xffff_ffffL, Descriptor.NEXT, 1);
        direct(1, 64, 1, 0, 0);
        available(0, 1);
        assertThat(split.device.take(chain)).isEqualTo(Taken.CHAIN);
        assertThat(chain.readableBytes()).isEqualTo(1L << 32);
    }

    @Test
    void endOfAddresses() {
        direct(0, -8, 9, 0, 0);
        expect(QueueFault.BUFFER_TOO_LARGE);
    }

    @Test
    void readableAfterWritable() {
        direct(0, 64, 8, Descriptor.WRITE | Descriptor.NEXT, 1);
        direct(1, 64, 8, 0, 0);
        expect(QueueFault.READABLE_AFTER_WRITABLE);
    }

    @Test
    void tableThatNobodyNegotiated() {
        Form plain = new Form(Feature.MANDATORY, SIZE);
        QueuePair pair = new QueuePair(plain);
        descriptor(pair, pair.layout.descriptors(), 0, pair.tables, 16, Descriptor.INDIRECT, 0);
        pair.driverView.store(pair.layout.driverArea() + 2, 2, 1);
        expectBroken(pair, QueueFault.INDIRECT_NOT_NEGOTIATED);
    }

    @Test
    void tableInTable() {
        direct(0, split.tables, 16, Descriptor.INDIRECT, 0);
        indirect(0, split.tables, 16, Descriptor.INDIRECT, 0);
        expect(QueueFault.INDIRECT_IN_INDIRECT);
    }

    @Test
    void tableWithSomethingAfterIt() {
        direct(0, split.tables, 16, Descriptor.INDIRECT | Descriptor.NEXT, 1);
        expect(QueueFault.INDIRECT_IN_CHAIN);
    }

    /** 2.7.5.3.2: unusual, and valid. Whether the table is for writing is not asked. */
    @Test
    void tableAtTheEndOfChain() {
        direct(0, 64, 8, Descriptor.NEXT, 3);
        direct(3, split.tables, 32, Descriptor.INDIRECT | Descriptor.WRITE, 0);
        indirect(0, 128, 4, Descriptor.NEXT, 1);
        indirect(1, 256, 5, Descriptor.WRITE, 0);
        available(0, 1);
        assertThat(split.device.take(chain)).isEqualTo(Taken.CHAIN);
        assertThat(chain.count()).isEqualTo(3);
        assertThat(chain.address(1)).isEqualTo(128);
        assertThat(chain.readableBytes()).isEqualTo(12);
        assertThat(chain.writableBytes()).isEqualTo(5);
    }

    static Stream<Arguments> lengthsOfTables() {
        return Stream.of(
                Arguments.of(0L, QueueFault.TABLE_LENGTH),
                Arguments.of(15L, QueueFault.TABLE_LENGTH),
                Arguments.of(17L, QueueFault.TABLE_LENGTH),
                Arguments.of(0xffff_ffffL, QueueFault.TABLE_LENGTH),
                Arguments.of(16L * (SIZE + 1), QueueFault.CHAIN_TOO_LONG),
                Arguments.of(0xffff_fff0L, QueueFault.CHAIN_TOO_LONG));
    }

    @ParameterizedTest
    @MethodSource("lengthsOfTables")
    void tableThatIsNone(long length, QueueFault fault) {
        direct(0, split.tables, length, Descriptor.INDIRECT, 0);
        expect(fault);
        packedDescriptor(0, packed.tables, length, Descriptor.INDIRECT | AVAIL);
        expectBroken(packed, fault);
    }

    @Test
    void tableThatEndsBeforeNext() {
        direct(0, split.tables, 32, Descriptor.INDIRECT, 0);
        indirect(0, 64, 8, Descriptor.NEXT, 2);
        expect(QueueFault.NO_SUCH_DESCRIPTOR);
    }

    @Test
    void loopInTable() {
        direct(0, split.tables, 32, Descriptor.INDIRECT, 0);
        indirect(0, 64, 8, Descriptor.NEXT, 1);
        indirect(1, 64, 8, Descriptor.NEXT, 1);
        expect(QueueFault.CHAIN_TOO_LONG);
    }

    /** In the queue, and in a table. */
    @Test
    void chainAndTableThatAreTooLongTogether() {
        for (int n = 0; n < SIZE - 1; n++) {
            direct(n, 64, 8, Descriptor.NEXT, n + 1);
        }
        direct(SIZE - 1, split.tables, 32, Descriptor.INDIRECT, 0);
        indirect(0, 64, 8, Descriptor.NEXT, 1);
        indirect(1, 64, 8, 0, 0);
        expect(QueueFault.CHAIN_TOO_LONG);
    }

    @Test
    void tableBeyondMemory() {
        direct(0, BEYOND, 32, Descriptor.INDIRECT, 0);
        expect(QueueFault.UNREACHABLE);
        packedDescriptor(0, BEYOND, 32, Descriptor.INDIRECT | AVAIL);
        expectBroken(packed, QueueFault.UNREACHABLE);
    }

    @Test
    void tableAtTheEndOfAddresses() {
        direct(0, -16, 32, Descriptor.INDIRECT, 0);
        expect(QueueFault.BUFFER_TOO_LARGE);
        packedDescriptor(0, -16, 32, Descriptor.INDIRECT | AVAIL);
        expectBroken(packed, QueueFault.BUFFER_TOO_LARGE);
    }

    @Test
    void orderThatIsNone() {
        QueuePair pair = new QueuePair(new Form(SPLIT.features() | Feature.IN_ORDER, SIZE));
        descriptor(pair, pair.layout.descriptors(), 0, 64, 8, Descriptor.NEXT, 2);
        descriptor(pair, pair.layout.descriptors(), 2, 64, 8, 0, 0);
        pair.driverView.store(pair.layout.driverArea() + 2, 2, 1);
        expectBroken(pair, QueueFault.OUT_OF_ORDER);
    }

    @Test
    void chainLongerThanTheDeviceTakes() {
        for (int n = 0; n < 3; n++) {
            direct(n, 64, 8, n < 2 ? Descriptor.NEXT : 0, n + 1);
        }
        available(0, 1);
        assertThat(split.device.take(new DescriptorChain(2))).isEqualTo(Taken.BROKEN);
        assertThat(split.device.fault()).isEqualTo(QueueFault.CHAIN_TOO_LONG);
    }

    static Stream<Arguments> partsThatAreNotThere() {
        return Stream.of(SPLIT, PACKED)
                .flatMap(form -> IntStream.range(0, 3).mapToObj(part -> Arguments.of(form, part)));
    }

    /** A part of the queue that the device does not reach. */
    @ParameterizedTest
    @MethodSource("partsThatAreNotThere")
    void queueBeyondMemory(Form form, int part) {
        QueuePair pair = new QueuePair(form);
        QueueLayout there = pair.layout;
        QueueLayout layout = new QueueLayout(
                SIZE,
                part == 0 ? BEYOND : there.descriptors(),
                part == 1 ? BEYOND : there.driverArea(),
                part == 2 ? BEYOND : there.deviceArea());
        DeviceQueue device = DeviceQueue.of(pair.deviceView, layout, form.features());
        pair.driver.add(new DescriptorChain(1).write(64, 8));
        pair.driver.publish();
        device.disableNotifications();
        if (device.take(chain) == Taken.CHAIN) {
            device.use(chain, 8);
            assertThat(device.publish()).isFalse();
        }
        assertThat(device.fault()).isEqualTo(QueueFault.UNREACHABLE);
        assertThat(device.take(chain)).isEqualTo(Taken.BROKEN);
    }

    // ---- packed

    private void packedDescriptor(int n, long address, long length, int flags) {
        descriptor(packed, packed.layout.descriptors(), n, address, length, n, flags);
    }

    @Test
    void listThatIsNotThere() {
        packedDescriptor(0, 64, 8, Descriptor.NEXT | AVAIL);
        expectBroken(packed, QueueFault.LIST_INCOMPLETE);
    }

    @Test
    void listThatEndsNowhere() {
        for (int n = 0; n < SIZE; n++) {
            packedDescriptor(n, 64, 8, Descriptor.NEXT | AVAIL);
        }
        expectBroken(packed, QueueFault.CHAIN_TOO_LONG);
    }

    @Test
    void listOverWhatIsInFlight() {
        for (int n = 0; n < SIZE; n++) {
            packedDescriptor(n, 64, 8, AVAIL | (n < 2 ? 0 : Descriptor.NEXT));
        }
        assertThat(packed.device.take(chain)).isEqualTo(Taken.CHAIN);
        assertThat(packed.device.take(chain)).isEqualTo(Taken.CHAIN);
        packedDescriptor(0, 64, 8, Descriptor.USED | Descriptor.NEXT);
        packedDescriptor(1, 64, 8, Descriptor.USED);
        expectBroken(packed, QueueFault.INDEX_TOO_FAR);
    }

    @Test
    void tableInList() {
        packedDescriptor(0, 64, 8, Descriptor.NEXT | AVAIL);
        packedDescriptor(1, packed.tables, 16, Descriptor.INDIRECT | AVAIL);
        expectBroken(packed, QueueFault.INDIRECT_IN_CHAIN);
    }

    @Test
    void listAfterTable() {
        packedDescriptor(0, packed.tables, 16, Descriptor.INDIRECT | Descriptor.NEXT | AVAIL);
        expectBroken(packed, QueueFault.INDIRECT_IN_CHAIN);
    }

    @Test
    void packedTableThatNobodyNegotiated() {
        QueuePair pair = new QueuePair(new Form(Feature.MANDATORY | Feature.RING_PACKED, SIZE));
        descriptor(pair, pair.layout.descriptors(), 0, pair.tables, 16, 0, Descriptor.INDIRECT | AVAIL);
        expectBroken(pair, QueueFault.INDIRECT_NOT_NEGOTIATED);
    }

    /** 2.8.7: other flags and the id are ignored. */
    @Test
    void packedTableIsReadInSequence() {
        packedDescriptor(0, packed.tables, 32, Descriptor.INDIRECT | Descriptor.WRITE | AVAIL);
        descriptor(packed, packed.tables, 0, 64, 8, 77, Descriptor.NEXT | Descriptor.INDIRECT | Descriptor.USED);
        descriptor(packed, packed.tables, 1, 128, 9, 99, Descriptor.WRITE);
        assertThat(packed.device.take(chain)).isEqualTo(Taken.CHAIN);
        assertThat(chain.id()).isZero();
        assertThat(chain.readableBytes()).isEqualTo(8);
        assertThat(chain.writableBytes()).isEqualTo(9);
    }

    @Test
    void packedReadableAfterWritable() {
        packedDescriptor(0, 64, 8, Descriptor.NEXT | Descriptor.WRITE | AVAIL);
        packedDescriptor(1, 64, 8, AVAIL);
        expectBroken(packed, QueueFault.READABLE_AFTER_WRITABLE);
    }

    // ---- anything at all

    static Stream<Form> forms() {
        return Stream.of(2, 8).flatMap(Form::all);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void anythingIsRefusedOrGood(Form form) {
        Random random = new Random(form.toString().hashCode());
        int chains = 0;
        for (int trial = 0; trial < 4_000; trial++) {
            chains += anything(form, random, form + ", trial " + trial);
        }
        assertThat(chains).as("not all were refused").isPositive();
    }

    private static int anything(Form form, Random random, String what) {
        QueuePair pair = new QueuePair(form);
        Watched watched = new Watched(pair);
        pair.restart(pair.driverView, watched);
        DescriptorChain chain = new DescriptorChain(form.size());
        int chains = 0;
        for (int round = 0; round < 4; round++) {
            scribble(pair, random);
            for (int turn = 0; turn <= form.size(); turn++) {
                Taken taken = pair.device.take(chain);
                if (taken != Taken.CHAIN) {
                    assertThat(pair.device.fault() != QueueFault.NONE).as(what).isEqualTo(taken == Taken.BROKEN);
                    watched.assertBounded(what);
                    break;
                }
                watched.assertRead(chain.count(), what);
                assertGood(chain, what);
                chains++;
                if (form.has(Feature.IN_ORDER) || random.nextInt(4) > 0) {
                    pair.device.use(chain, random.nextLong(chain.writableBytes() + 1));
                }
                watched.forget();
            }
            pair.device.publish();
            watched.forget();
        }
        return chains;
    }

    private static void assertGood(DescriptorChain chain, String what) {
        assertThat(chain.count()).as(what).isPositive();
        assertThat(chain.readableBytes() + chain.writableBytes()).as(what).isBetween(1L, 1L << 32);
        for (int n = 0; n < chain.count(); n++) {
            assertThat(chain.length(n)).as(what).isPositive();
            assertThat(Long.compareUnsigned(chain.address(n), chain.address(n) + chain.length(n) - 1))
                    .as(what)
                    .isLessThanOrEqualTo(0);
        }
    }

    /** Descriptors that are nearly right, so that some are. */
    private static void scribble(QueuePair pair, Random random) {
        int size = pair.form.size();
        for (int n = 0; n < size; n++) {
            scribble(pair, random, pair.layout.descriptors() + 16L * n);
            scribble(pair, random, pair.tables + 16L * n);
        }
        if (!pair.form.packed()) {
            for (int n = 0; n < size; n++) {
                pair.driverView.store(pair.layout.driverArea() + 4 + 2L * n, 2, random.nextInt(size + 1));
            }
            pair.driverView.load(pair.layout.driverArea() + 2, 2);
            pair.driverView.store(pair.layout.driverArea() + 2, 2, pair.driverView.value() + random.nextInt(size + 1));
        }
        pair.driverView.store(pair.layout.driverArea(), 2, random.nextInt(1 << 16));
    }

    private static void scribble(QueuePair pair, Random random, long at) {
        int size = pair.form.size();
        boolean table = random.nextInt(4) == 0;
        long address = table ? pair.tables : random.nextLong() >>> random.nextInt(64);
        long length = table ? 16L * random.nextInt(size + 2) : random.nextInt(8) << random.nextInt(20);
        int flags = random.nextInt(4) | (table || random.nextInt(16) == 0 ? Descriptor.INDIRECT : 0);
        if (pair.form.packed()) {
            int marks = (random.nextInt(8) > 0 ? Descriptor.AVAIL : 0) | (random.nextInt(3) == 0 ? Descriptor.USED : 0);
            pair.driverView.store(at + 8, 8, Descriptor.rest(length, random.nextInt(1 << 16), flags | marks));
        } else {
            pair.driverView.store(at + 8, 8, Descriptor.rest(length, flags, random.nextInt(size + 1)));
        }
        pair.driverView.store(at, 8, address);
    }
}
