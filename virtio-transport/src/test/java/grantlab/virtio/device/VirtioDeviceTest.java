package grantlab.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DriverQueue;
import grantlab.virtio.queue.Feature;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A driver and a device find together, part, and find together again. */
class VirtioDeviceTest {
    private static final int SIZE = 16;
    private static final int READ_WRITE = Access.READ | Access.WRITE;

    private final FlatTransport transport = new FlatTransport();
    private final Inverter inverter = new Inverter();
    private int bells;
    private int interrupts;
    private VirtioDevice device;
    private VirtioDriver driver;
    private long page;
    private long bus;

    @BeforeEach
    void aDeviceAndItsDriver() {
        device = new VirtioDevice(inverter, transport.deviceSide, Feature.ALL, SIZE, () -> bells++, () -> interrupts++);
        driver = new VirtioDriver(device, transport.kernel, transport.driverSide, Inverter.QUEUES);
        page = transport.kernel.allocatePages(Page.ORDER_4K);
        bus = transport.driverSide.expose(page, Page.SIZE, READ_WRITE);
    }

    private void begin(long features) {
        driver.negotiate(Inverter.DEVICE_ID, features);
        driver.setUpQueue(0, SIZE);
        driver.setUpQueue(1, SIZE);
        driver.ready();
    }

    private void request(int number, int value) {
        transport.vcpu.store(page, 4, value);
        driver.queue(number).add(new DescriptorChain(2).read(bus, 4).write(bus + 8, 4));
        driver.publish(number);
    }

    private void expectAnswer(int number, int value) {
        assertThat(driver.queue(number).poll()).isNotNegative();
        assertThat(driver.queue(number).written()).isEqualTo(4);
        transport.vcpu.load(page + 8, 4);
        assertThat((int) transport.vcpu.value()).isEqualTo(~value);
    }

    private int status() {
        return device.read(Mmio.STATUS);
    }

    // ---- finding together

    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED, Feature.INDIRECT_DESC, Feature.ALL})
    void requestsAreAnswered(long features) {
        begin(features | Inverter.FEATURE);
        assertThat(inverter.agreed).isEqualTo(features | Feature.MANDATORY | Inverter.FEATURE);
        for (int n = 0; n < 100; n++) {
            request(n % 2, n);
            assertThat(bells).isEqualTo(n + 1);
            assertThat(device.work()).isFalse();
            assertThat(interrupts).isEqualTo(n + 1);
            assertThat(driver.acknowledgeInterrupt()).isEqualTo(Mmio.USED_BUFFER);
            assertThat(driver.acknowledgeInterrupt()).isZero();
            expectAnswer(n % 2, n);
            driver.queue(n % 2).enableNotifications();
        }
        assertThat(transport.refused).hasValue(0);
    }

    /** The driver's parts of a split queue are for reading; the ring of a packed one is not (grant-v3.md, section 12). */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void deviceWritesOnlyItsParts(long features) {
        driver.negotiate(Inverter.DEVICE_ID, features);
        driver.setUpQueue(0, SIZE);
        int descriptors = features == 0 ? Access.READ : READ_WRITE;
        transport.exposed.remove(Page.frame(bus));
        assertThat(transport.exposed.values()).containsExactlyInAnyOrder(Access.READ, READ_WRITE);
        assertThat(transport.deviceSide.store(FlatTransport.BUS + page + Page.SIZE, 8, 0) == 0)
                .isEqualTo(descriptors == READ_WRITE);
    }

    @Test
    void configurationIsRead() {
        assertThat(device.read(Mmio.CONFIG + 8)).isEqualTo(0x1234_5678);
        assertThat(device.read(Mmio.CONFIG)).isZero();
    }

    @Test
    void nothingIsDoneBeforeTheDriverIsReady() {
        driver.negotiate(Inverter.DEVICE_ID, 0);
        driver.setUpQueue(0, SIZE);
        request(0, 7);
        assertThat(device.work()).isFalse();
        assertThat(inverter.served).isZero();
        driver.ready();
        request(0, 7);
        device.work();
        assertThat(inverter.served).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {Feature.VERSION_1, Feature.ACCESS_PLATFORM, 0, Feature.MANDATORY | 1 << 5})
    void featuresThatDoNotGo(long accepted) {
        device.write(Mmio.STATUS, DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER);
        device.write(Mmio.DRIVER_FEATURES_SEL, 0);
        device.write(Mmio.DRIVER_FEATURES, (int) accepted);
        device.write(Mmio.DRIVER_FEATURES_SEL, 1);
        device.write(Mmio.DRIVER_FEATURES, (int) (accepted >>> 32));
        device.write(Mmio.STATUS, status() | DeviceStatus.FEATURES_OK);
        assertThat(status()).isEqualTo(DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER);
        assertThat(inverter.agreed).isZero();
    }

    /** What was agreed on stays. */
    @Test
    void featuresAreAgreedOnOnce() {
        driver.negotiate(Inverter.DEVICE_ID, Feature.RING_PACKED);
        device.write(Mmio.DRIVER_FEATURES_SEL, 1);
        device.write(Mmio.DRIVER_FEATURES, 0);
        device.write(Mmio.STATUS, status() | DeviceStatus.FEATURES_OK);
        driver.setUpQueue(0, SIZE);
        driver.ready();
        request(0, 3);
        device.work();
        expectAnswer(0, 3);
    }

    @Test
    void driverClearsNoStatusBit() {
        begin(0);
        int before = status();
        device.write(Mmio.STATUS, DeviceStatus.ACKNOWLEDGE | DeviceStatus.DEVICE_NEEDS_RESET);
        assertThat(status()).isEqualTo(before);
    }

    @Test
    void devicesThatTheDriverDoesNotTake() {
        assertThatIllegalStateException()
                .isThrownBy(() -> driver.negotiate(Inverter.DEVICE_ID + 1, 0))
                .withMessageContaining("0x8");
        refuses(new Registers() {
            @Override
            public int read(int offset) {
                return offset == DEVICE_FEATURES ? 0 : device.read(offset);
            }
        });
        refuses(new Registers() {
            @Override
            public void write(int offset, int value) {
                device.write(offset, offset == DRIVER_FEATURES ? 0 : value);
            }
        });
    }

    private void refuses(Mmio registers) {
        VirtioDriver another = new VirtioDriver(registers, transport.kernel, transport.driverSide, 1);
        assertThatIllegalStateException().isThrownBy(() -> another.negotiate(Inverter.DEVICE_ID, 0));
        assertThat(status() & DeviceStatus.FAILED).isNotZero();
    }

    /** The device's, until somebody changes what they say. */
    private class Registers implements Mmio {
        @Override
        public int read(int offset) {
            return device.read(offset);
        }

        @Override
        public void write(int offset, int value) {
            device.write(offset, value);
        }
    }

    // ---- queues

    @Test
    void queuesThatThereAreNot() {
        device.write(Mmio.QUEUE_SEL, Inverter.QUEUES);
        assertThat(device.read(Mmio.QUEUE_SIZE_MAX)).isZero();
        device.write(Mmio.QUEUE_READY, 1);
        assertThat(device.read(Mmio.QUEUE_READY)).isZero();
        device.write(Mmio.QUEUE_SEL, -1);
        assertThat(device.read(Mmio.QUEUE_SIZE_MAX)).isZero();
        device.write(Mmio.QUEUE_NOTIFY, Inverter.QUEUES);
        assertThat(bells).isZero();
    }

    /** Size, alignment, a part that is not there, a part that is not for writing. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void queueThatCannotStand(int lie) {
        driver.negotiate(Inverter.DEVICE_ID, 0);
        long readable =
                transport.driverSide.expose(transport.kernel.allocatePages(Page.ORDER_4K), Page.SIZE, Access.READ);
        device.write(Mmio.QUEUE_SEL, 0);
        device.write(
                Mmio.QUEUE_SIZE,
                switch (lie) {
                    case 0 -> 0;
                    case 1 -> 2 * SIZE;
                    case 2 -> 3;
                    default -> SIZE;
                });
        address(Mmio.QUEUE_DESC_LOW, lie == 3 ? bus + 8 : lie == 4 ? 1L << 50 : bus);
        address(Mmio.QUEUE_DRIVER_LOW, lie == 5 ? 1L << 50 : readable + 512);
        address(Mmio.QUEUE_DEVICE_LOW, lie == 6 ? readable + 1024 : bus + 1024);
        device.write(Mmio.QUEUE_READY, 1);
        assertThat(device.read(Mmio.QUEUE_READY)).isZero();
        assertThat(driver.deviceNeedsReset()).isTrue();
        assertThat(transport.kept).hasValue(0);
    }

    private void address(int register, long busAddress) {
        device.write(register, (int) busAddress);
        device.write(register + 4, (int) (busAddress >>> 32));
    }

    @Test
    void queueThatIsReadyStaysWhereItIs() {
        begin(0);
        device.write(Mmio.QUEUE_SEL, 0);
        device.write(Mmio.QUEUE_SIZE, 1);
        address(Mmio.QUEUE_DESC_LOW, 0);
        request(0, 5);
        device.work();
        expectAnswer(0, 5);
    }

    @Test
    void queueIsResetAlone() {
        begin(Feature.RING_RESET);
        request(0, 1);
        request(1, 2);
        driver.resetQueue(0);
        assertThat(transport.kept).hasValue(3);
        device.work();
        assertThat(inverter.served).isEqualTo(1);
        expectAnswer(1, 2);
        DriverQueue queue = driver.setUpQueue(0, 4);
        assertThat(queue.inFlight()).isZero();
        for (int n = 0; n < 20; n++) {
            request(0, n);
            device.work();
            expectAnswer(0, n);
        }
    }

    @Test
    void queueIsNotResetWhereThatWasNotNegotiated() {
        begin(0);
        assertThatIllegalStateException().isThrownBy(() -> driver.resetQueue(0));
        device.write(Mmio.QUEUE_SEL, 0);
        device.write(Mmio.QUEUE_RESET, 1);
        assertThat(device.read(Mmio.QUEUE_READY)).isEqualTo(1);
    }

    // ---- parting

    /** Of a hostile driver's queue nothing more is done, until it is reset. */
    @Test
    void brokenQueueMakesTheDeviceNeedReset() {
        begin(0);
        int generation = device.read(Mmio.CONFIG_GENERATION);
        driver.queue(0).add(new DescriptorChain(1).write(1L << 50, 4));
        driver.publish(0);
        device.work();
        assertThat(driver.deviceNeedsReset()).isTrue();
        assertThat(driver.acknowledgeInterrupt()).isEqualTo(Mmio.CONFIGURATION_CHANGE);
        assertThat(device.read(Mmio.CONFIG_GENERATION)).isNotEqualTo(generation);
        request(1, 3);
        device.work();
        assertThat(driver.queue(1).poll()).isEqualTo(DriverQueue.NONE);
        driver.reset();
        assertThat(inverter.resets).isEqualTo(2);
        assertThat(transport.kept).hasValue(0);
        begin(0);
        request(1, 4);
        device.work();
        expectAnswer(1, 4);
    }

    @Test
    void resetGivesEverythingBack() {
        int pages = transport.kernel.freePages.size();
        begin(Feature.ALL);
        assertThat(transport.kept).hasValue(6);
        assertThat(transport.kernel.freePages).hasSizeLessThan(pages);
        driver.reset();
        assertThat(transport.kernel.freePages).hasSize(pages);
        assertThat(transport.exposed).containsOnlyKeys(Page.frame(bus));
        assertThat(status()).isZero();
        assertThat(device.read(Mmio.INTERRUPT_STATUS)).isZero();
    }

    /** A driver that adds faster than the device works keeps it from other queues for a round, not for ever. */
    @Test
    void everyQueueHasItsTurn() {
        VirtioDevice patient =
                new VirtioDevice(inverter, transport.deviceSide, 0, 256, () -> bells++, () -> interrupts++);
        driver = new VirtioDriver(patient, transport.kernel, transport.driverSide, Inverter.QUEUES);
        driver.negotiate(Inverter.DEVICE_ID, 0);
        driver.setUpQueue(0, 256);
        driver.setUpQueue(1, 256);
        driver.ready();
        for (int n = 0; n < 100; n++) {
            driver.queue(0).add(new DescriptorChain(1).write(bus, 4));
        }
        driver.publish(0);
        request(1, 9);
        assertThat(patient.work()).isTrue();
        expectAnswer(1, 9);
        assertThat(inverter.served).isLessThan(101);
        patient.work();
        assertThat(inverter.served).isEqualTo(101);
    }

    private static void pause() {
        for (int n = 0; n < 2_000; n++) {
            Thread.onSpinWait();
        }
    }

    /** However late the device's thread gets its turn. */
    private void awaitAnAnswer() {
        while (driver.queue(0).poll() < 0) {
            Thread.onSpinWait();
        }
    }

    /** When the write of a reset is over, the device touches nothing any more, whatever it was doing. */
    @Test
    @Timeout(60)
    void resetWaitsForTheDevice() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        VirtioDevice busy = new VirtioDevice(inverter, transport.deviceSide, Feature.ALL, SIZE, () -> {}, () -> {});
        driver = new VirtioDriver(busy, transport.kernel, transport.driverSide, Inverter.QUEUES);
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<?> working = executor.submit(() -> {
                while (!over.get()) {
                    busy.work();
                }
            });
            try {
                for (int round = 0; round < 2_000; round++) {
                    begin(round % 2 == 0 ? 0 : Feature.ALL);
                    for (int n = 0; n < SIZE / 2; n++) {
                        DescriptorChain chain =
                                new DescriptorChain(2).read(bus, 512).write(bus + 512, 512);
                        driver.queue(n % 2).add(chain);
                        driver.publish(n % 2);
                    }
                    if (round % 16 == 0) {
                        awaitAnAnswer();
                    }
                    driver.reset();
                    transport.driverSide.withdraw(bus, Page.SIZE);
                    pause();
                    transport.driverSide.expose(page, Page.SIZE, READ_WRITE);
                }
            } finally {
                over.set(true);
            }
            working.get();
        }
        assertThat(transport.refused).hasValue(0);
        assertThat(inverter.served).isPositive();
    }
}
