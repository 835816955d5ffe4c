package grantlab.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import grantlab.virtio.queue.DeviceQueue.Taken;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A device that says that it used what it likes: the driver believes what can be, and breaks the queue. */
class HostileDeviceTest {
    private static final int SIZE = 8;
    private static final Form SPLIT = new Form(Feature.MANDATORY, SIZE);

    private final QueuePair pair = new QueuePair(SPLIT);

    private int publish(long writable) {
        int id = pair.driver.add(new DescriptorChain(1).write(64, writable));
        pair.driver.publish();
        return id;
    }

    private void used(int at, int id, long written) {
        long element = pair.layout.deviceArea() + 4 + 8L * at;
        pair.deviceView.store(element, 4, id);
        pair.deviceView.store(element + 4, 4, written);
    }

    private void usedIndex(int index) {
        pair.deviceView.store(pair.layout.deviceArea() + 2, 2, index);
    }

    private void expectBroken(QueueFault fault) {
        assertThat(pair.driver.poll()).isEqualTo(DriverQueue.BROKEN);
        assertThat(pair.driver.fault()).isEqualTo(fault);
        assertThat(pair.driver.add(new DescriptorChain(1).read(64, 1))).isEqualTo(DriverQueue.BROKEN);
        assertThat(pair.driver.publish()).isFalse();
        assertThat(pair.driver.enableNotifications()).isTrue();
        assertThat(pair.driver.poll()).isEqualTo(DriverQueue.BROKEN);
    }

    @Test
    void bufferThatTheDeviceDoesNotHave() {
        int id = publish(8);
        used(0, id ^ 1, 0);
        usedIndex(1);
        expectBroken(QueueFault.NOT_IN_FLIGHT);
    }

    @Test
    void bufferThatIsNone() {
        publish(8);
        used(0, SIZE, 0);
        usedIndex(1);
        expectBroken(QueueFault.NOT_IN_FLIGHT);
    }

    @Test
    void sameBufferTwice() {
        int id = publish(8);
        publish(8);
        used(0, id, 0);
        used(1, id, 0);
        usedIndex(2);
        assertThat(pair.driver.poll()).isEqualTo(id);
        expectBroken(QueueFault.NOT_IN_FLIGHT);
    }

    @Test
    void bufferThatWasNotPublished() {
        publish(8);
        int id = pair.driver.add(new DescriptorChain(1).write(64, 8));
        used(0, id, 0);
        usedIndex(1);
        expectBroken(QueueFault.NOT_IN_FLIGHT);
    }

    @Test
    void moreThanThereIs() {
        publish(8);
        usedIndex(2);
        expectBroken(QueueFault.INDEX_TOO_FAR);
    }

    @Test
    void indexThatWentBack() {
        usedIndex(-1);
        publish(8);
        expectBroken(QueueFault.INDEX_TOO_FAR);
    }

    @Test
    void moreBytesThanThereIsRoomFor() {
        int id = publish(8);
        used(0, id, 9);
        usedIndex(1);
        expectBroken(QueueFault.WRITTEN_TOO_MUCH);
    }

    @Test
    void asManyBytesAsThereIsRoomFor() {
        int id = publish(8);
        used(0, id, 8);
        usedIndex(1);
        assertThat(pair.driver.poll()).isEqualTo(id);
        assertThat(pair.driver.written()).isEqualTo(8);
    }

    /** A batch moves the index by as many as it has (2.7.9). */
    @Test
    void batchThatTheIndexDoesNotShow() {
        QueuePair inOrder = new QueuePair(new Form(Feature.MANDATORY | Feature.IN_ORDER, SIZE));
        int last = -1;
        for (int n = 0; n < 3; n++) {
            last = inOrder.driver.add(new DescriptorChain(1).read(64, 8));
        }
        inOrder.driver.publish();
        inOrder.deviceView.store(inOrder.layout.deviceArea() + 4, 4, last);
        inOrder.deviceView.store(inOrder.layout.deviceArea() + 2, 2, 2);
        assertThat(inOrder.driver.poll()).isEqualTo(DriverQueue.BROKEN);
        assertThat(inOrder.driver.fault()).isEqualTo(QueueFault.INDEX_TOO_FAR);
    }

    static Stream<Form> forms() {
        return Form.all(SIZE);
    }

    /** Our own device's program: its mistakes are exceptions. */
    @ParameterizedTest
    @MethodSource("forms")
    void deviceThatErrs(Form form) {
        QueuePair errs = new QueuePair(form);
        errs.driver.add(new DescriptorChain(1).write(64, 8));
        errs.driver.add(new DescriptorChain(1).write(64, 8));
        errs.driver.publish();
        DescriptorChain first = new DescriptorChain(1);
        DescriptorChain second = new DescriptorChain(1);
        assertThat(errs.device.take(first)).isEqualTo(Taken.CHAIN);
        assertThat(errs.device.take(second)).isEqualTo(Taken.CHAIN);
        assertThatIllegalArgumentException().isThrownBy(() -> errs.device.use(first, 9));
        if (form.has(Feature.IN_ORDER)) {
            assertThatIllegalArgumentException().isThrownBy(() -> errs.device.use(second, 8));
        } else {
            errs.device.use(second, 8);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> errs.driver.add(new DescriptorChain(1)));
        DescriptorChain long9 = new DescriptorChain(9);
        for (int n = 0; n < 9; n++) {
            long9.read(64, 1);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> errs.driver.add(long9));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void onlyWhatIsInFlightIsTold(Form form) {
        Random random = new Random(form.toString().hashCode());
        int told = 0;
        int broken = 0;
        for (int trial = 0; trial < 4_000; trial++) {
            QueuePair hostile = new QueuePair(form);
            told += anything(hostile, random, form + ", trial " + trial);
            broken += hostile.driver.fault() != QueueFault.NONE ? 1 : 0;
        }
        assertThat(told).isPositive();
        assertThat(broken).isPositive();
    }

    private static int anything(QueuePair hostile, Random random, String what) {
        Map<Integer, Long> room = new HashMap<>();
        int told = 0;
        for (int round = 0; round < 6 && hostile.driver.fault() == QueueFault.NONE; round++) {
            for (int n = random.nextInt(4); n > 0; n--) {
                long bytes = 1 + random.nextLong(8);
                int id = hostile.driver.add(new DescriptorChain(2).read(64, 1).write(64, bytes));
                if (id != DriverQueue.NONE) {
                    assertThat(room.put(id, bytes)).as(what).isNull();
                }
            }
            hostile.driver.publish();
            scribble(hostile, random);
            for (int id = hostile.driver.poll(); id >= 0; id = hostile.driver.poll()) {
                Long bytes = room.remove(id);
                assertThat(bytes).as("%s: buffer %d", what, id).isNotNull();
                assertThat(hostile.driver.written()).as(what).isBetween(0L, bytes);
                told++;
            }
        }
        assertThat(hostile.driver.inFlight()).as(what).isEqualTo(room.size());
        return told;
    }

    private static void scribble(QueuePair hostile, Random random) {
        int size = hostile.form.size();
        if (hostile.form.packed()) {
            for (int n = 0; n < size; n++) {
                if (random.nextInt(3) == 0) {
                    int marks = random.nextInt(3) > 0 ? Descriptor.AVAIL | Descriptor.USED : 0;
                    hostile.deviceView.store(
                            hostile.layout.descriptors() + 16L * n + 8,
                            8,
                            Descriptor.rest(random.nextInt(10), random.nextInt(size + 1), marks | random.nextInt(4)));
                }
            }
            return;
        }
        for (int n = 0; n < size; n++) {
            long element = hostile.layout.deviceArea() + 4 + 8L * n;
            hostile.deviceView.store(element, 4, random.nextInt(size + 1));
            hostile.deviceView.store(element + 4, 4, random.nextInt(10));
        }
        hostile.deviceView.load(hostile.layout.deviceArea() + 2, 2);
        long index = hostile.deviceView.value();
        hostile.deviceView.store(hostile.layout.deviceArea() + 2, 2, index + random.nextInt(3));
        hostile.deviceView.store(hostile.layout.deviceArea(), 2, random.nextInt(1 << 16));
    }
}
