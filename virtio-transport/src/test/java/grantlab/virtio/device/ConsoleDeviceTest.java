package grantlab.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.virtio.console.Console;
import grantlab.virtio.console.ConsoleDevice;
import grantlab.virtio.console.ConsoleDriver;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.Feature;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is printed comes out, what is typed comes in. */
class ConsoleDeviceTest {
    private static final int QUEUE = 16;
    private static final long FEATURES = Console.F_SIZE | Console.F_EMERG_WRITE;

    private final FlatTransport transport = new FlatTransport();
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final ConsoleDevice console = new ConsoleDevice(
            (bytes, length) -> screen.writeBytes(bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)),
            80,
            25,
            QUEUE);
    private int bells;
    private final VirtioDevice device =
            new VirtioDevice(console, transport.deviceSide, Feature.ALL, QUEUE, () -> bells++, () -> {});
    private ConsoleDriver driver =
            new ConsoleDriver(device, transport.kernel, transport.driverSide, Endpoint.Mode.STREAMING);

    private static byte[] bytes(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private byte[] read() {
        byte[] into = new byte[Page.SIZE];
        int length = driver.read(MemorySegment.ofArray(into));
        return length < 0 ? new byte[0] : Arrays.copyOf(into, length);
    }

    @ParameterizedTest
    @CsvSource({"0, STREAMING", "0, POOL", "0x400000000, STREAMING", "0x10c30000000, POOL"})
    void whatIsPrintedComesOutAndWhatIsTypedComesIn(String queueFeatures, Endpoint.Mode mode) {
        driver = new ConsoleDriver(device, transport.kernel, transport.driverSide, mode);
        assertThat(driver.begin(FEATURES | Long.decode(queueFeatures), QUEUE) & FEATURES)
                .isEqualTo(FEATURES);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int round = 1; round < 60; round++) {
            byte[] printed = bytes(round, round * 64);
            assertThat(driver.print(printed)).isEqualTo(printed.length);
            expected.writeBytes(printed);
            byte[] typed = bytes(-round, round * 60);
            assertThat(console.type(typed)).isEqualTo(typed.length);
            assertThat(device.work()).isFalse();
            assertThat(read()).isEqualTo(typed);
            assertThat(read()).isEmpty();
        }
        assertThat(screen.toByteArray()).isEqualTo(expected.toByteArray());
        assertThat(transport.refused).hasValue(0);
        driver.close();
        assertThat(transport.exposed).isEmpty();
    }

    @Test
    void sizeIsToldAndChanges() {
        driver.begin(FEATURES, QUEUE);
        assertThat(driver.columns()).isEqualTo(80);
        assertThat(driver.rows()).isEqualTo(25);
        assertThat(device.read(Mmio.CONFIG)).isEqualTo(80 | 25 << 16);
        int generation = device.read(Mmio.CONFIG_GENERATION);
        console.resize(0x1_0064, 0xffff);
        assertThat(driver.virtio().acknowledgeInterrupt()).isEqualTo(Mmio.CONFIGURATION_CHANGE);
        assertThat(device.read(Mmio.CONFIG_GENERATION)).isNotEqualTo(generation);
        assertThat(driver.columns()).isEqualTo(100);
        assertThat(driver.rows()).isEqualTo(0xffff);
    }

    /** A driver that is not ready is not interrupted. */
    @Test
    void resizedBeforeADriverIsThere() {
        console.resize(100, 40);
        assertThat(device.read(Mmio.INTERRUPT_STATUS)).isZero();
        driver.begin(FEATURES, QUEUE);
        assertThat(driver.rows()).isEqualTo(40);
    }

    @Test
    void emergencyNeedsNoQueue() {
        for (byte each : "panic".getBytes(StandardCharsets.US_ASCII)) {
            driver.printInEmergency(each);
        }
        assertThat(screen).hasToString("panic");
        driver.begin(FEATURES, QUEUE);
        driver.printInEmergency('!' | 0x4100);
        assertThat(screen).hasToString("panic!");
        assertThat(device.read(Mmio.CONFIG + Console.EMERG_WR)).isZero();
    }

    /** What was typed waits for a driver, and for its buffers; what finds no room is not taken. */
    @Test
    void whatIsTypedWaits() {
        byte[] typed = bytes(1, 3000);
        assertThat(console.type(typed)).isEqualTo(3000);
        assertThat(device.work()).isFalse();
        driver.begin(FEATURES, QUEUE);
        device.work();
        assertThat(console.type(bytes(2, 5000))).isEqualTo(4096);
        assertThat(console.type(new byte[1])).isZero();
        device.work();
        assertThat(read()).isEqualTo(typed);
        assertThat(device.work()).isFalse();
        assertThat(read()).isEqualTo(Arrays.copyOf(bytes(2, 5000), 4096));
    }

    /** Buffers to type into wake the device only when there is something to put into them. */
    @Test
    void readerNotifiesOnlyWhoWaits() {
        driver.begin(FEATURES, QUEUE);
        device.work();
        console.type(new byte[] {1});
        device.work();
        int before = bells;
        assertThat(read()).hasSize(1);
        assertThat(bells).isEqualTo(before);
        console.type(new byte[] {2});
        device.work();
        console.type(new byte[] {3});
        device.work();
        before = bells;
        assertThat(read()).containsExactly(2);
        assertThat(bells).isEqualTo(before + 1);
        device.work();
        assertThat(read()).containsExactly(3);
    }

    @Test
    void printsOnePageAtATime() {
        driver.begin(FEATURES, QUEUE);
        assertThat(driver.print(new byte[5000])).isEqualTo(4096);
        assertThat(driver.print(new byte[1])).isEqualTo(ConsoleDriver.NONE);
        device.work();
        assertThat(driver.print(new byte[904])).isEqualTo(904);
        assertThat(driver.print(new byte[0])).isEqualTo(ConsoleDriver.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void buffersThatBreakTheirQueue(int lie) {
        driver.begin(FEATURES, QUEUE);
        long page = transport.kernel.allocatePages(Page.ORDER_4K);
        long bus = transport.driverSide.expose(page, Page.SIZE, Access.READ | Access.WRITE);
        switch (lie) {
            case 0 -> offer(Console.TRANSMITQ, new DescriptorChain(1).write(bus, 8));
            case 1 -> offer(Console.TRANSMITQ, new DescriptorChain(1).read(1L << 50, 8));
            case 2 ->
                offer(Console.RECEIVEQ, new DescriptorChain(2).read(bus, 8).write(bus, 8));
            default -> offer(Console.RECEIVEQ, new DescriptorChain(1).write(1L << 50, 8));
        }
        console.type(new byte[] {1});
        device.work();
        console.type(new byte[] {2});
        device.work();
        assertThat(driver.virtio().deviceNeedsReset()).isTrue();
        assertThat(screen.size()).isZero();
        assertThat(driver.reset()).isTrue();
        driver.begin(FEATURES, QUEUE);
        console.type(new byte[] {4});
        device.work();
        byte[] came = read();
        assertThat(came[came.length - 1]).isEqualTo((byte) 4);
        assertThat(driver.print(new byte[] {9})).isEqualTo(1);
        device.work();
        assertThat(screen.toByteArray()).containsExactly(9);
    }

    private void offer(int number, DescriptorChain chain) {
        assertThat(driver.virtio().queue(number).add(chain)).isNotNegative();
        driver.virtio().publish(number);
    }
}
