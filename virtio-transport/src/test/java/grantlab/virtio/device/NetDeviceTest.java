package grantlab.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.virtio.net.Ethernet;
import grantlab.virtio.net.LearningSwitch;
import grantlab.virtio.net.Net;
import grantlab.virtio.net.NetDevice;
import grantlab.virtio.net.NetDriver;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.Feature;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two guests, each with a network device, and a switch between them. */
class NetDeviceTest {
    private static final int QUEUE = 16;
    private static final int ROOMS = 8;
    private static final long FEATURES = Net.F_MAC | Net.F_STATUS;

    private final LearningSwitch network = new LearningSwitch();
    private boolean rung;
    private Station left;
    private Station right;

    /** A guest and its device. */
    private final class Station {
        final FlatTransport transport = new FlatTransport();
        final NetDevice net;
        final VirtioDevice device;
        final NetDriver driver;
        final long page;
        int notifications;

        Station(long address, Endpoint.Mode mode) {
            net = new NetDevice(network, address, QUEUE);
            device = new VirtioDevice(net, transport.deviceSide, Feature.ALL, QUEUE, () -> rung = true, () -> {});
            Mmio registers = new Mmio() {
                @Override
                public int read(int offset) {
                    return device.read(offset);
                }

                @Override
                public void write(int offset, int value) {
                    notifications += offset == QUEUE_NOTIFY ? 1 : 0;
                    device.write(offset, value);
                }
            };
            driver = new NetDriver(registers, transport.kernel, transport.driverSide, mode, ROOMS);
            page = transport.kernel.allocatePages(Page.ORDER_4K);
            transport.kernel.allocatePages(Page.ORDER_4K);
        }

        /** A frame with content that its length and a seed say, at some place of its page. */
        byte[] frame(long destination, int length, int seed) {
            byte[] frame = new byte[length];
            new Random(seed).nextBytes(frame);
            address(frame, 0, destination);
            address(frame, Ethernet.ADDRESS, driver.address());
            return frame;
        }

        int send(byte[] frame) {
            int offset = frame.length % 512;
            transport.vcpu.storeBytes(page + offset, MemorySegment.ofArray(frame), 0, frame.length);
            int number = driver.send(page + offset, frame.length);
            driver.publish();
            return number;
        }

        byte[] receive() {
            byte[] into = new byte[Ethernet.LONGEST];
            int length = driver.receive(MemorySegment.ofArray(into));
            return length < 0 ? new byte[0] : Arrays.copyOf(into, length);
        }
    }

    private static void address(byte[] frame, int at, long address) {
        for (int n = 0; n < Ethernet.ADDRESS && at + n < frame.length; n++) {
            frame[at + n] = (byte) (address >>> ((Ethernet.ADDRESS - 1 - n) * Byte.SIZE));
        }
    }

    @BeforeEach
    void twoStations() {
        stations(Endpoint.Mode.STREAMING);
    }

    private void stations(Endpoint.Mode mode) {
        if (left != null) {
            left.net.unplug();
            right.net.unplug();
        }
        left = new Station(0x0200_1122_3344L, mode);
        right = new Station(0x02ff_eedd_ccbbL, mode);
    }

    private void begin(long features) {
        left.driver.begin(features, QUEUE);
        right.driver.begin(features, QUEUE);
        work();
    }

    /** Until nobody has anything to do; that comes to an end. */
    private void work() {
        int rounds = 0;
        do {
            rung = false;
            boolean more = left.device.work();
            more |= right.device.work();
            rung |= more;
            rounds++;
            assertThat(rounds).isLessThan(100);
        } while (rung);
    }

    // ---- what there is

    @Test
    void configurationIsAsTheSpecificationHasIt() {
        begin(FEATURES);
        assertThat(left.device.read(Mmio.DEVICE_ID)).isEqualTo(1);
        assertThat(left.device.read(Mmio.CONFIG)).isEqualTo(0x2211_0002);
        assertThat(left.device.read(Mmio.CONFIG + 4)).isEqualTo(0x1_4433);
        assertThat(left.driver.address()).isEqualTo(0x0200_1122_3344L);
        assertThat(right.driver.address()).isEqualTo(0x02ff_eedd_ccbbL);
        assertThat(left.driver.linkUp()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0, STREAMING",
        "0, POOL",
        "0x400000000, STREAMING",
        "0x10000000, STREAMING",
        "0x810000000, POOL",
        "0x10c30000000, STREAMING"
    })
    void framesArriveWhole(String queueFeatures, Endpoint.Mode mode) {
        stations(mode);
        begin(FEATURES | Long.decode(queueFeatures));
        for (int round = 0; round < 200; round++) {
            int length = Ethernet.HEAD + round * 7 % (Ethernet.LONGEST - Ethernet.HEAD + 1);
            byte[] there = left.frame(right.driver.address(), length, round);
            byte[] back = right.frame(left.driver.address(), Ethernet.LONGEST - round, -round);
            assertThat(left.send(there)).isNotNegative();
            assertThat(right.send(back)).isNotNegative();
            work();
            assertThat(right.receive()).isEqualTo(there);
            assertThat(left.receive()).isEqualTo(back);
            assertThat(left.receive()).isEmpty();
            assertThat(left.driver.sent()).isNotNegative();
            assertThat(right.driver.sent()).isNotNegative();
        }
        assertThat(left.net.counts().sent).isEqualTo(200);
        assertThat(left.net.counts().received).isEqualTo(200);
        assertThat(left.driver.lost() + right.driver.lost()).isZero();
        assertThat(left.transport.refused).hasValue(0);
        assertThat(right.transport.refused).hasValue(0);
    }

    /** New buffers to receive into wake nobody: there is nothing to put into them. */
    @Test
    void receiverDoesNotNotify() {
        begin(FEATURES);
        left.send(left.frame(right.driver.address(), 60, 0));
        work();
        int before = right.notifications;
        for (int n = 0; n < 50; n++) {
            assertThat(right.receive()).hasSize(60);
            left.driver.sent();
            left.send(left.frame(right.driver.address(), 60, n));
            work();
        }
        assertThat(right.notifications).isEqualTo(before);
    }

    @Test
    void headerIsThatOfVersionOne() {
        begin(FEATURES);
        left.send(left.frame(right.driver.address(), 60, 0));
        work();
        for (int n = 0; n < Net.HEADER; n += Short.BYTES) {
            right.transport.vcpu.load(right.driver.room(0) + n, Short.BYTES);
            assertThat(right.transport.vcpu.value()).isEqualTo(n == 10 ? 1 : 0);
        }
    }

    @Test
    void linkGoesDownAndUp() {
        begin(FEATURES);
        right.driver.virtio().acknowledgeInterrupt();
        right.net.link(false);
        assertThat(right.driver.virtio().acknowledgeInterrupt()).isEqualTo(Mmio.CONFIGURATION_CHANGE);
        assertThat(right.driver.linkUp()).isFalse();
        left.send(left.frame(right.driver.address(), 60, 0));
        right.send(right.frame(left.driver.address(), 60, 0));
        work();
        assertThat(left.receive()).isEmpty();
        assertThat(right.receive()).isEmpty();
        right.net.link(true);
        right.send(right.frame(left.driver.address(), 60, 1));
        work();
        assertThat(left.receive()).hasSize(60);
    }

    // ---- no room

    @Test
    void framesWithoutBuffersAreDroppedAndCounted() {
        begin(FEATURES);
        for (int n = 0; n < ROOMS + 3; n++) {
            left.send(left.frame(right.driver.address(), 60 + n, n));
            work();
            left.driver.sent();
        }
        assertThat(right.net.counts().received).isEqualTo(ROOMS);
        assertThat(right.net.counts().dropped).isEqualTo(3);
        for (int n = 0; n < ROOMS; n++) {
            assertThat(right.receive()).hasSize(60 + n);
        }
        left.send(left.frame(right.driver.address(), 99, 0));
        work();
        assertThat(right.receive()).hasSize(99);
    }

    /** A receiver that is not served keeps no more than there are places. */
    @Test
    void framesThatWaitAreFinite() {
        begin(FEATURES);
        for (int n = 0; n < 100; n++) {
            left.send(left.frame(right.driver.address(), 60, n));
            left.device.work();
            left.driver.sent();
        }
        assertThat(right.net.counts().dropped).isEqualTo(36);
        work();
        assertThat(right.net.counts().dropped).isEqualTo(100 - ROOMS);
        assertThat(right.net.counts().received).isEqualTo(ROOMS);
    }

    @Test
    void nothingComesBeforeADriverDoesNorAfterIt() {
        left.driver.begin(FEATURES, QUEUE);
        left.send(left.frame(right.net.counts().sent, 60, 0));
        work();
        assertThat(right.net.counts().dropped).isEqualTo(1);
        right.driver.begin(FEATURES, QUEUE);
        left.device.work();
        left.driver.sent();
        left.send(left.frame(right.driver.address(), 60, 1));
        left.device.work();
        assertThat(right.driver.reset()).isTrue();
        right.driver.begin(FEATURES, QUEUE);
        work();
        assertThat(right.receive()).isEmpty();
        assertThat(right.transport.exposed).isNotEmpty();
        right.driver.close();
        assertThat(right.transport.exposed).isEmpty();
    }

    // ---- hostile drivers

    private void offer(int number, DescriptorChain chain) {
        assertThat(left.driver.virtio().queue(number).add(chain)).isNotNegative();
        left.driver.virtio().publish(number);
        work();
    }

    private long exposed() {
        return left.transport.driverSide.expose(left.page, Page.SIZE, Access.READ | Access.WRITE);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 25, 12 + 1515, 4096})
    void framesThatAreNone(int bytes) {
        begin(FEATURES);
        offer(Net.TRANSMITQ, new DescriptorChain(1).read(exposed(), bytes));
        assertThat(left.net.counts().refused).isEqualTo(1);
        expectService();
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1, 3", "1, 0x83"})
    void offloadsThatNobodyAgreedOn(int at, String value) {
        begin(FEATURES);
        long bus = exposed();
        byte[] frame = left.frame(right.driver.address(), 60, 3);
        left.transport.vcpu.storeBytes(left.page + 12, MemorySegment.ofArray(frame), 0, 60);
        left.transport.vcpu.store(left.page + at, 1, Integer.decode(value));
        offer(Net.TRANSMITQ, new DescriptorChain(1).read(bus, 72));
        assertThat(left.net.counts().refused).isEqualTo(1);
        assertThat(right.receive()).isEmpty();
        expectService();
    }

    @Test
    void sourceOfSomebodyElse() {
        begin(FEATURES);
        byte[] frame = left.frame(right.driver.address(), 60, 3);
        address(frame, Ethernet.ADDRESS, right.driver.address());
        left.send(frame);
        work();
        assertThat(left.net.counts().refused).isEqualTo(1);
        assertThat(right.receive()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void buffersThatBreakTheirQueue(int lie) {
        begin(FEATURES);
        long bus = exposed();
        switch (lie) {
            case 0 -> offer(Net.TRANSMITQ, new DescriptorChain(1).read(bus, 11));
            case 1 -> offer(Net.TRANSMITQ, new DescriptorChain(2).read(bus, 72).write(bus + 100, 1));
            case 2 -> receiveInto(new DescriptorChain(1).write(bus, 11));
            default -> receiveInto(new DescriptorChain(2).read(bus, 4).write(bus, 2000));
        }
        assertThat(left.driver.virtio().deviceNeedsReset()).isTrue();
        assertThat(right.driver.virtio().deviceNeedsReset()).isFalse();
        assertThat(left.driver.reset()).isTrue();
        left.driver.begin(FEATURES, QUEUE);
        expectService();
    }

    /** All frames for the left one go into good buffers but the last. */
    private void receiveInto(DescriptorChain chain) {
        offer(Net.RECEIVEQ, chain);
        for (int n = 0; n <= ROOMS; n++) {
            right.send(right.frame(left.driver.address(), 60, n));
            work();
            right.driver.sent();
        }
    }

    @Test
    void bufferThatIsTooSmallLosesItsFrame() {
        begin(FEATURES);
        receiveInto(new DescriptorChain(1).write(exposed(), 71));
        assertThat(left.net.counts().dropped).isEqualTo(1);
        assertThat(left.net.counts().received).isEqualTo(ROOMS);
        assertThat(left.driver.virtio().deviceNeedsReset()).isFalse();
    }

    /** Of either direction. */
    @Test
    void memoryThatIsNotReachedLosesItsFrame() {
        begin(FEATURES);
        offer(Net.TRANSMITQ, new DescriptorChain(1).read(1L << 50, 72));
        assertThat(left.net.counts().unreached).isEqualTo(1);
        receiveInto(new DescriptorChain(1).write(1L << 50, 2000));
        assertThat(left.net.counts().unreached).isEqualTo(2);
        assertThat(left.driver.virtio().deviceNeedsReset()).isFalse();
    }

    /** Longer than any memory: nothing is looked at. */
    @Test
    void lengthOfFourGigabytes() {
        begin(FEATURES);
        offer(Net.TRANSMITQ, new DescriptorChain(2).read(exposed(), 12).read(exposed(), 0xffff_f000L));
        assertThat(left.net.counts().refused).isEqualTo(1);
        assertThat(left.transport.refused).hasValue(0);
        expectService();
    }

    /** Frames go both ways. */
    private void expectService() {
        int before = left.driver.virtio().queue(Net.TRANSMITQ).inFlight();
        while (left.driver.virtio().queue(Net.TRANSMITQ).poll() >= 0) {
            before--;
        }
        assertThat(before).isZero();
        byte[] frame = left.frame(right.driver.address(), 100, 8);
        left.send(frame);
        work();
        byte[] came = right.receive();
        while (came.length > 0 && !Arrays.equals(came, frame)) {
            came = right.receive();
        }
        assertThat(came).isEqualTo(frame);
        byte[] back = right.frame(left.driver.address(), 101, 9);
        right.send(back);
        work();
        assertThat(left.receive()).isEqualTo(back);
    }

    // ---- hostile devices

    /** What the device says of a frame is judged: length, number of buffers, offloads. */
    @ParameterizedTest
    @CsvSource({"10, 2", "10, 0", "0, 1", "1, 1"})
    void headersThatADriverDoesNotTake(int at, int value) {
        begin(FEATURES);
        right.send(right.frame(left.driver.address(), 60, 0));
        work();
        left.transport.memory.new View().store(left.driver.room(0) + at, 1, value);
        assertThat(left.receive()).isEmpty();
        assertThat(left.driver.lost()).isEqualTo(1);
        right.driver.sent();
        right.send(right.frame(left.driver.address(), 61, 0));
        work();
        assertThat(left.receive()).hasSize(61);
    }

    @Test
    void pageThatWasTakenBackLosesItsFrame() {
        begin(FEATURES);
        assertThat(left.driver.takeBack(0)).isZero();
        left.transport.vcpu.store(left.driver.room(0), 8, 77);
        for (int n = 0; n < 2 * ROOMS; n++) {
            right.send(right.frame(left.driver.address(), 60 + n, n));
            work();
            right.driver.sent();
            assertThat(left.receive()).hasSize(n == 0 ? 0 : 60 + n);
        }
        left.transport.vcpu.load(left.driver.room(0), 8);
        assertThat(left.transport.vcpu.value()).isEqualTo(77);
        assertThat(left.driver.lost()).isEqualTo(1);
        assertThat(left.net.counts().unreached).isEqualTo(1);
    }

    @Test
    void ethernetAddresses() {
        MemorySegment frame = MemorySegment.ofArray(new byte[14]);
        frame.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x12);
        frame.set(ValueLayout.JAVA_BYTE, 5, (byte) 0x34);
        frame.set(ValueLayout.JAVA_BYTE, 6, (byte) 0xff);
        frame.set(ValueLayout.JAVA_BYTE, 11, (byte) 1);
        assertThat(Ethernet.destination(frame)).isEqualTo(0x1200_0000_0034L);
        assertThat(Ethernet.source(frame)).isEqualTo(0xff00_0000_0001L);
        assertThat(Ethernet.isGroup(0x0100_0000_0000L)).isTrue();
        assertThat(Ethernet.isGroup(0x0200_0000_0001L)).isFalse();
    }
}
