package grantlab.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Driver and device against each other, step by step as lists of buffers would have it. */
class QueueModelTest {
    private static final int STEPS = 40_000;
    private static final int MOST_ELEMENTS = 6;

    static Stream<Form> forms() {
        Stream<Form> sizes = Stream.of(1, 2, 8, 64).flatMap(Form::all);
        return Stream.concat(sizes, Form.all(13).filter(Form::packed));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void bothSidesAgreeWithTheModel(Form form) {
        new Model(form, form.toString().hashCode()).run();
    }

    /** A buffer on its way: added, published, taken, used, told. */
    private static final class Buffer {
        final DescriptorChain taken = new DescriptorChain(MOST_ELEMENTS);
        final DescriptorChain chain = new DescriptorChain(MOST_ELEMENTS);
        int id;
        int descriptors;
        long written;
    }

    /** When a side wants to hear: always, never, or when a count is passed. */
    private static final class Wish {
        static final long ALWAYS = -1;
        static final long NEVER = -2;

        long at;
    }

    private static final class Model {
        private final QueuePair pair;
        private final Form form;
        private final Random random;
        private final String what;

        private final Deque<Buffer> added = new ArrayDeque<>();
        private final Deque<Buffer> available = new ArrayDeque<>();
        private final List<Buffer> taken = new ArrayList<>();
        private final Deque<Buffer> used = new ArrayDeque<>();
        private final Deque<Buffer> told = new ArrayDeque<>();
        private final Wish driverWish = new Wish();
        private final Wish deviceWish = new Wish();

        private int free;

        /** Entries of rings: buffers of split queues, descriptors of packed ones. */
        private long published;

        private long takenEntries;
        private long shown;
        private long polled;

        private int step;
        private int polls;

        Model(Form form, long seed) {
            this.form = form;
            this.pair = new QueuePair(form);
            this.random = new Random(seed);
            this.what = form + ", seed " + seed;
            this.free = form.size();
            boolean beginsAtIndex = !form.packed() && form.has(Feature.EVENT_IDX);
            driverWish.at = beginsAtIndex ? 0 : Wish.ALWAYS;
            deviceWish.at = driverWish.at;
        }

        void run() {
            for (step = 0; step < STEPS; step++) {
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> add();
                    case 3 -> publish();
                    case 4, 5 -> take();
                    case 6 -> use();
                    case 7 -> show();
                    case 8, 9 -> poll();
                    case 10 -> driverNotifications();
                    default -> deviceNotifications();
                }
            }
            assertThat(polls).as(what).isGreaterThan(STEPS / 80);
            assertThat(pair.driver.fault()).as(what).isEqualTo(QueueFault.NONE);
            assertThat(pair.device.fault()).as(what).isEqualTo(QueueFault.NONE);
        }

        private String here() {
            return what + ", step " + step;
        }

        private long entries(Buffer buffer) {
            return form.packed() ? buffer.descriptors : 1;
        }

        private void add() {
            Buffer buffer = new Buffer();
            int count = 1 + random.nextInt(Math.min(MOST_ELEMENTS, form.size()));
            int readable = random.nextInt(count + 1);
            for (int n = 0; n < count; n++) {
                long address = random.nextLong() >>> (1 + random.nextInt(40));
                long length = 1L + random.nextInt(1 << random.nextInt(20));
                if (n < readable) {
                    buffer.chain.read(address, length);
                } else {
                    buffer.chain.write(address, length);
                }
            }
            boolean indirect = form.has(Feature.INDIRECT_DESC) && count > 1 && count <= QueuePair.TABLE_ELEMENTS;
            buffer.descriptors = indirect ? 1 : count;
            buffer.id = pair.driver.add(buffer.chain);
            if (buffer.descriptors > free) {
                assertThat(buffer.id).as(here()).isEqualTo(DriverQueue.NONE);
                return;
            }
            assertThat(buffer.id).as(here()).isBetween(0, form.size() - 1);
            Stream.of(added, available, taken, used, told)
                    .flatMap(place -> place.stream())
                    .forEach(other -> assertThat(buffer.id).as(here()).isNotEqualTo(other.id));
            free -= buffer.descriptors;
            added.add(buffer);
            assertThat(pair.driver.inFlight())
                    .as(here())
                    .isEqualTo(added.size() + available.size() + taken.size() + used.size() + told.size());
        }

        private void publish() {
            long before = published;
            added.forEach(buffer -> published += entries(buffer));
            available.addAll(added);
            added.clear();
            assertNotifies(deviceWish, before, published, pair.driver.publish());
        }

        private void take() {
            Buffer expected = available.poll();
            if (expected == null) {
                assertThat(pair.device.take(new DescriptorChain(MOST_ELEMENTS)))
                        .as(here())
                        .isEqualTo(DeviceQueue.Taken.EMPTY);
                return;
            }
            assertThat(pair.device.take(expected.taken)).as(here()).isEqualTo(DeviceQueue.Taken.CHAIN);
            assertSame(expected.taken, expected.chain);
            assertThat(expected.taken.id()).as(here()).isEqualTo(expected.id);
            takenEntries += entries(expected);
            taken.add(expected);
        }

        private void assertSame(DescriptorChain got, DescriptorChain expected) {
            assertThat(got.count()).as(here()).isEqualTo(expected.count());
            assertThat(got.readableBytes()).as(here()).isEqualTo(expected.readableBytes());
            assertThat(got.writableBytes()).as(here()).isEqualTo(expected.writableBytes());
            for (int n = 0; n < expected.count(); n++) {
                assertThat(got.address(n)).as(here()).isEqualTo(expected.address(n));
                assertThat(got.length(n)).as(here()).isEqualTo(expected.length(n));
                assertThat(got.deviceWrites(n)).as(here()).isEqualTo(expected.deviceWrites(n));
            }
        }

        private void use() {
            if (taken.isEmpty()) {
                return;
            }
            Buffer buffer = taken.remove(form.has(Feature.IN_ORDER) ? 0 : random.nextInt(taken.size()));
            long room = buffer.chain.writableBytes();
            buffer.written = random.nextBoolean() ? room : random.nextLong(room + 1);
            pair.device.use(buffer.taken, buffer.written);
            used.add(buffer);
        }

        private void show() {
            long before = shown;
            used.forEach(buffer -> shown += entries(buffer));
            told.addAll(used);
            used.clear();
            assertNotifies(driverWish, before, shown, pair.device.publish());
        }

        private void poll() {
            Buffer expected = told.poll();
            if (expected == null) {
                assertThat(pair.driver.poll()).as(here()).isEqualTo(DriverQueue.NONE);
                return;
            }
            assertThat(pair.driver.poll()).as(here()).isEqualTo(expected.id);
            assertThat(pair.driver.written()).as(here()).isEqualTo(expected.written);
            free += expected.descriptors;
            polled += entries(expected);
            polls++;
        }

        private void driverNotifications() {
            if (random.nextBoolean()) {
                pair.driver.disableNotifications();
                driverWish.at = Wish.NEVER;
            } else {
                assertThat(pair.driver.enableNotifications()).as(here()).isEqualTo(!told.isEmpty());
                driverWish.at = form.has(Feature.EVENT_IDX) ? seenByDriver() : Wish.ALWAYS;
            }
        }

        /** In order a batch is taken from the ring as a whole, and told one by one. */
        private long seenByDriver() {
            return form.has(Feature.IN_ORDER) && !form.packed() ? -3 : polled;
        }

        private void deviceNotifications() {
            if (random.nextBoolean()) {
                pair.device.disableNotifications();
                deviceWish.at = Wish.NEVER;
            } else {
                assertThat(pair.device.enableNotifications()).as(here()).isEqualTo(!available.isEmpty());
                deviceWish.at = form.has(Feature.EVENT_IDX) ? takenEntries : Wish.ALWAYS;
            }
        }

        /** What was waited for must be told; nothing else may, but where the index waited for is so old that it came round. */
        private void assertNotifies(Wish wish, long before, long after, boolean notified) {
            if (before == after || wish.at == Wish.NEVER) {
                assertThat(notified).as(here()).isFalse();
            } else if (wish.at == Wish.ALWAYS) {
                assertThat(notified).as(here()).isTrue();
            } else if (wish.at >= before && wish.at < after) {
                assertThat(notified).as(here()).isTrue();
            } else if (wish.at >= 0 && after - wish.at <= form.size()) {
                assertThat(notified).as(here()).isFalse();
            }
        }
    }
}
