package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Domctl;
import grantlab.api.abi.GnttabDomctl;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.VdomidBind;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.api.transport.Transport;
import grantlab.hypervisor.Settings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every transport that grants has to do, on every format that it goes with, and between guests of either kind. */
class TransportTest {
    private static final String PER_DEVICE = "virtio-grants";
    private static final String SHARED = "virtio-shared-table";
    private static final int DEVICE = 3;
    private static final int VIRTUAL = VdomidBind.FIRST_VIRTUAL + 1;
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long MARK = 1L << 63;
    private static final int PAGES = 64;

    /** A transport, a format, and who is what. */
    record Setting(String transport, String format, Pair paging) {
        boolean shared() {
            return transport.equals(SHARED);
        }

        @Override
        public String toString() {
            return transport + "/" + format + "/" + paging.granter() + "-" + paging.grantee();
        }
    }

    static Stream<Setting> settings() {
        return Stream.of("v1", "v2", "v3-tree")
                .flatMap(format -> Stream.of(PER_DEVICE, SHARED)
                        .filter(transport -> transport.equals(SHARED) || format.equals("v3-tree"))
                        .flatMap(transport -> Stream.of("pv", "hvm")
                                .flatMap(driver -> Stream.of("pv", "hvm")
                                        .map(device -> new Setting(transport, format, new Pair(driver, device))))));
    }

    static Stream<Arguments> settingsAndModes() {
        return settings().flatMap(setting -> Stream.of(Endpoint.Mode.values()).map(mode -> arguments(setting, mode)));
    }

    /** Two guests, and a transport between them. */
    private static final class Scene {
        final World world;
        final Transport transport;
        final Endpoint endpoint;
        final GuestKernel kernel;
        final DriverSide driver;
        final DeviceSide device;

        Scene(World world, Setting setting, Endpoint.Mode mode) {
            this.world = world;
            transport = world.machine().transport(setting.transport());
            endpoint = new Endpoint(World.GRANTER, World.GRANTEE, DEVICE, mode);
            kernel = world.granter().kernel();
            driver = transport.driver(kernel, endpoint);
            device = transport.device(world.grantee().kernel(), endpoint);
        }

        long exposed(long page, int access) {
            long bus = driver.expose(page, Page.SIZE, access);
            assertThat(bus).isNotEqualTo(DriverSide.NONE);
            return bus;
        }

        long read(long address) {
            assertThat(kernel.vcpu().load(address, 8)).isZero();
            return kernel.vcpu().value();
        }
    }

    private static void in(Setting setting, Endpoint.Mode mode, Consumer<Scene> body) {
        Combination combination = Combination.of(Examples.INSTALLED, Pair.same(setting.format()), setting.paging());
        try (World world = World.open(Settings.usual(), Examples.INSTALLED, combination, 1)) {
            Scene scene = new Scene(world, setting, mode);
            body.accept(scene);
            scene.device.close();
            scene.driver.close();
            assertThat(scene.device.counts().mappingsLive).isZero();
            world.checkInvariants();
            world.dismantle();
        }
    }

    @ParameterizedTest
    @MethodSource("settingsAndModes")
    void deviceReachesWhatIsExposedAndNothingElse(Setting setting, Endpoint.Mode mode) {
        in(setting, mode, scene -> {
            long page = scene.kernel.allocatePages(Page.ORDER_4K);
            long bus = scene.exposed(page, READ_WRITE);
            assertThat(bus & MARK).isEqualTo(setting.shared() ? MARK : 0);
            assertThat(bus & Page.OFFSET_MASK).isZero();
            MemorySegment bytes = MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            assertThat(scene.device.storeBytes(bus + 16, bytes)).isZero();
            assertThat(scene.read(page + 16)).isEqualTo(0x0807_0605_0403_0201L);
            scene.kernel.vcpu().store(page + 40, 8, 0x1122_3344_5566_7788L);
            assertThat(scene.device.load(bus + 41, 4)).isZero();
            assertThat(scene.device.value()).isEqualTo(0x4455_6677L);
            assertThat(scene.device.store(bus + 40, 2, 0xaaaa)).isZero();
            assertThat(scene.read(page + 40)).isEqualTo(0x1122_3344_5566_aaaaL);
            long other = scene.device.counts().mappingsLive;
            for (long wrong : List.of(0L, 8L, -1L, bus ^ MARK, bus + Page.SIZE, bus | 1L << 62, bus | 1L << 48)) {
                assertThat(scene.device.load(wrong, 8))
                        .as(Long.toHexString(wrong))
                        .isNegative();
                assertThat(scene.device.storeBytes(wrong, bytes)).isNegative();
                assertThat(scene.device.keep(wrong, 8, Access.READ)).isNegative();
            }
            assertThat(scene.device.counts().mappingsLive).isEqualTo(other);
        });
    }

    /** Direction is kept by the table (VIRTIO-3). */
    @ParameterizedTest
    @MethodSource("settingsAndModes")
    void whatIsForReadingIsNotWritten(Setting setting, Endpoint.Mode mode) {
        in(setting, mode, scene -> {
            long page = scene.kernel.allocatePages(Page.ORDER_4K);
            scene.kernel.vcpu().store(page, 8, 77);
            long bus = scene.exposed(page, Access.READ);
            assertThat(scene.device.load(bus, 8)).isZero();
            assertThat(scene.device.value()).isEqualTo(77);
            assertThat(scene.device.store(bus, 8, 5)).isNegative();
            assertThat(scene.device.keep(bus, 64, READ_WRITE)).isNegative();
            assertThat(scene.device.keep(bus, 64, Access.READ)).isZero();
            assertThat(scene.device.store(bus, 8, 5)).isNegative();
            assertThat(scene.read(page)).isEqualTo(77);
        });
    }

    /** A piece of memory may lie across pages; a word of it too. */
    @ParameterizedTest
    @MethodSource("settingsAndModes")
    void piecesCrossPages(Setting setting, Endpoint.Mode mode) {
        in(setting, mode, scene -> {
            long first = scene.kernel.allocatePages(Page.ORDER_4K);
            long second = scene.kernel.allocatePages(Page.ORDER_4K);
            long bus = scene.exposed(first, READ_WRITE);
            assertThat(scene.exposed(second, READ_WRITE)).isEqualTo(bus + Page.SIZE);
            long across = bus + Page.SIZE - 3;
            assertThat(scene.device.store(across, 8, 0x8877_6655_4433_2211L)).isZero();
            assertThat(scene.read(second) & 0xff_ffff_ffffL).isEqualTo(0x88_7766_5544L);
            assertThat(scene.device.load(across, 8)).isZero();
            assertThat(scene.device.value()).isEqualTo(0x8877_6655_4433_2211L);
            MemorySegment all = MemorySegment.ofArray(new byte[2 * Page.SIZE]);
            all.set(ValueLayout.JAVA_BYTE, Page.SIZE, (byte) 9);
            assertThat(scene.device.storeBytes(bus, all)).isZero();
            assertThat(scene.read(second)).isEqualTo(9);
            MemorySegment back = MemorySegment.ofArray(new byte[2 * Page.SIZE]);
            assertThat(scene.device.loadBytes(bus, back)).isZero();
            assertThat(back.mismatch(all)).isEqualTo(-1);
        });
    }

    /** How long a page stays mapped, which the driver notices; what each mode takes. */
    @ParameterizedTest
    @MethodSource("settingsAndModes")
    void pageIsPrivateAgainWhenTheDeviceLetGo(Setting setting, Endpoint.Mode mode) {
        in(setting, mode, scene -> {
            long page = scene.kernel.allocatePages(Page.ORDER_4K);
            long bus = scene.exposed(page, READ_WRITE);
            scene.device.load(bus, 8);
            scene.device.load(bus + 64, 8);
            boolean copies = mode == Endpoint.Mode.COPY;
            assertThat(scene.device.counts().mappingsLive).isEqualTo(copies ? 0 : 1);
            assertThat(scene.device.counts().hypercalls).isEqualTo(copies ? 2 : 1);
            assertThat(scene.device.counts().bytesCopied).isEqualTo(copies ? 16 : 0);
            assertThat(scene.driver.withdraw(bus, Page.SIZE)).isEqualTo(copies ? Status.OKAY : Status.EAGAIN);
            scene.device.requestDone();
            boolean pools = mode == Endpoint.Mode.POOL;
            if (!copies) {
                assertThat(scene.driver.withdraw(bus, Page.SIZE)).isEqualTo(pools ? Status.EAGAIN : Status.OKAY);
            }
            if (pools) {
                scene.device.release();
                assertThat(scene.driver.withdraw(bus, Page.SIZE)).isZero();
            }
            assertThat(scene.device.load(bus, 8)).isNegative();
            assertThatIllegalArgumentException().isThrownBy(() -> scene.driver.withdraw(bus, Page.SIZE));
            assertThat(scene.exposed(page, Access.READ)).isEqualTo(bus);
        });
    }

    /** Queues stay at hand whatever the mode, as often as they are kept. */
    @ParameterizedTest
    @MethodSource("settingsAndModes")
    void whatIsKeptStays(Setting setting, Endpoint.Mode mode) {
        in(setting, mode, scene -> {
            long bus = scene.exposed(scene.kernel.allocatePages(Page.ORDER_4K), READ_WRITE);
            assertThat(scene.device.keep(bus, 64, Access.READ)).isZero();
            assertThat(scene.device.keep(bus + 64, 64, READ_WRITE)).isZero();
            assertThat(scene.device.keep(bus + 128, 64, READ_WRITE)).isZero();
            long before = scene.device.counts().hypercalls;
            for (int n = 0; n < 5; n++) {
                assertThat(scene.device.load(bus, 8)).isZero();
                assertThat(scene.device.store(bus + 64, 8, n)).isZero();
                scene.device.requestDone();
            }
            assertThat(scene.device.counts().hypercalls).isEqualTo(before);
            assertThat(scene.driver.withdraw(bus, Page.SIZE)).isEqualTo(Status.EAGAIN);
            scene.device.drop(bus, 64);
            scene.device.drop(bus + 64, 64);
            assertThat(scene.driver.withdraw(bus, Page.SIZE)).isEqualTo(Status.EAGAIN);
            scene.device.drop(bus + 128, 64);
            assertThat(scene.device.counts().mappingsLive).isZero();
            assertThat(scene.driver.withdraw(bus, Page.SIZE)).isZero();
            assertThatIllegalArgumentException().isThrownBy(() -> scene.device.drop(bus, 64));
        });
    }

    /** VIRTIO-2: the table is brought up, and from then on exposing and withdrawing are stores. */
    @ParameterizedTest
    @MethodSource("settings")
    void driverMakesNoHypercall(Setting setting) {
        in(setting, Endpoint.Mode.STREAMING, scene -> {
            long page = scene.kernel.allocatePages(Page.ORDER_4K);
            long before = scene.world.cost().hypercalls();
            for (int n = 0; n < 1000; n++) {
                long bus = scene.exposed(page, READ_WRITE);
                assertThat(scene.driver.withdraw(bus, Page.SIZE)).isZero();
            }
            assertThat(scene.world.cost().hypercalls()).isEqualTo(before);
            assertThat(scene.driver.counts().hypercalls).isZero();
            assertThat(scene.driver.counts().tableWrites).isEqualTo(2000);
        });
    }

    /** The counts of the device's side are what its CPU did. */
    @ParameterizedTest
    @MethodSource("settingsAndModes")
    void countsAreWhatHappened(Setting setting, Endpoint.Mode mode) {
        in(setting, mode, scene -> {
            long bus = scene.exposed(scene.kernel.allocatePages(Page.ORDER_4K), READ_WRITE);
            long kernelCalls = scene.world.cost().hypercalls();
            long counted = scene.device.counts().hypercalls;
            for (int n = 0; n < 10; n++) {
                scene.device.load(bus, 8);
                scene.device.store(bus, 8, n);
                scene.device.requestDone();
            }
            long took = scene.world.cost().hypercalls() - kernelCalls;
            assertThat(scene.device.counts().hypercalls - counted).isEqualTo(took);
            assertThat(took)
                    .isEqualTo(
                            switch (mode) {
                                case STREAMING -> 30;
                                case POOL -> 2;
                                case COPY -> 20;
                            });
            assertThat(scene.device.counts().cpuFlushes).isEqualTo(mode == Endpoint.Mode.STREAMING ? 10 : 0);
        });
    }

    /** More pages than the device has slots for: those of the pool that wait give way; those of one request cannot. */
    @ParameterizedTest
    @MethodSource("settings")
    void slotsAreFew(Setting setting) {
        in(setting, Endpoint.Mode.POOL, scene -> {
            long page = scene.kernel.allocatePages(Page.ORDER_4K);
            List<Long> buses = IntStream.range(0, PAGES + 8)
                    .mapToObj(n -> scene.exposed(page, READ_WRITE))
                    .toList();
            for (long bus : buses) {
                assertThat(scene.device.load(bus, 8)).isZero();
                scene.device.requestDone();
            }
            scene.device.release();
            int reached = 0;
            while (scene.device.load(buses.get(reached), 8) == Status.OKAY) {
                reached++;
            }
            assertThat(reached).isBetween(PAGES - 8, PAGES);
            assertThat(scene.device.load(buses.get(reached), 8)).isEqualTo(Status.NO_SPACE);
            scene.device.requestDone();
            assertThat(scene.device.load(buses.get(reached), 8)).isZero();
        });
    }

    /** Indices of one table go to all devices of a domain, each index to one. */
    @ParameterizedTest
    @MethodSource("settings")
    void twoDevicesOfOneDomain(Setting setting) {
        in(setting, Endpoint.Mode.STREAMING, scene -> {
            Endpoint other = new Endpoint(World.GRANTER, World.GRANTEE, DEVICE + 1, Endpoint.Mode.STREAMING);
            try (DriverSide otherDriver = scene.transport.driver(scene.kernel, other);
                    DeviceSide otherDevice =
                            scene.transport.device(scene.world.grantee().kernel(), other)) {
                long page = scene.kernel.allocatePages(Page.ORDER_4K);
                long otherPage = scene.kernel.allocatePages(Page.ORDER_4K);
                scene.kernel.vcpu().store(otherPage, 8, 5);
                long bus = scene.exposed(page, READ_WRITE);
                long otherBus = otherDriver.expose(otherPage, 8, Access.READ);
                assertThat(otherBus).isEqualTo(setting.shared() ? bus + Page.SIZE : bus);
                assertThat(otherDevice.load(otherBus, 8)).isZero();
                assertThat(otherDevice.value()).isEqualTo(5);
                otherDevice.requestDone();
                assertThat(scene.driver.withdraw(bus, Page.SIZE)).isZero();
                assertThat(otherDevice.load(otherBus, 8)).isZero();
            }
        });
    }

    /** The table has an end: whoever comes then is told, and what was given back is there again. */
    @ParameterizedTest
    @MethodSource("settings")
    void tableIsFull(Setting setting) {
        if (setting.format().equals("v3-tree")) {
            return;
        }
        in(setting, Endpoint.Mode.STREAMING, scene -> {
            long page = scene.kernel.allocatePages(Page.ORDER_4K);
            long last = 0;
            long bus = scene.driver.expose(page, 1, Access.READ);
            while (bus != DriverSide.NONE) {
                last = bus;
                bus = scene.driver.expose(page, 1, Access.READ);
            }
            assertThat((last & ~MARK) >>> Page.SHIFT)
                    .isEqualTo(scene.kernel.table(World.GRANTEE, -1).size() - 1);
            assertThat(scene.driver.withdraw(last, 1)).isZero();
            assertThat(scene.driver.expose(page, 1, Access.READ)).isEqualTo(last);
        });
    }

    /** Versions 1 and 2 have no tables of devices; a device without its driver's tree is told so. */
    @ParameterizedTest
    @MethodSource("settings")
    void whatThereIsNot(Setting setting) {
        in(setting, Endpoint.Mode.STREAMING, scene -> {
            Transport perDevice = scene.world.machine().transport(PER_DEVICE);
            Endpoint stranger = new Endpoint(World.GRANTER, World.GRANTEE, DEVICE + 7, Endpoint.Mode.STREAMING);
            assertThatIllegalStateException()
                    .isThrownBy(() -> perDevice.device(scene.world.grantee().kernel(), stranger))
                    .withMessageContaining("device " + (DEVICE + 7));
            if (!setting.format().equals("v3-tree")) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> perDevice.driver(scene.kernel, stranger))
                        .withMessageContaining("flat table");
                Endpoint virtual = new Endpoint(World.GRANTER, VIRTUAL, DEVICE, Endpoint.Mode.STREAMING);
                assertThatIllegalStateException()
                        .isThrownBy(() -> scene.transport.driver(scene.kernel, virtual))
                        .withMessageContaining("0x8001");
            }
        });
    }

    /** The device's domain is replaced behind its virtual domid: the new one goes on by the same addresses, the old one is out. */
    @ParameterizedTest
    @MethodSource("trees")
    void deviceComesBackElsewhere(Setting setting) {
        Combination combination = Combination.of(Examples.INSTALLED, Pair.same(setting.format()), setting.paging());
        try (World world = World.open(Settings.usual(), Examples.INSTALLED, combination, 1)) {
            Endpoint endpoint = new Endpoint(World.GRANTER, VIRTUAL, DEVICE, Endpoint.Mode.STREAMING);
            Transport transport = world.machine().transport(setting.transport());
            GuestKernel kernel = world.granter().kernel();
            GuestKernel firstKernel = world.grantee().kernel();
            GuestKernel secondKernel = world.third().kernel();
            bind(world, World.GRANTEE);
            try (DriverSide driver = transport.driver(kernel, endpoint);
                    DeviceSide first = transport.device(firstKernel, endpoint)) {
                long page = kernel.allocatePages(Page.ORDER_4K);
                kernel.vcpu().store(page, 8, 21);
                long bus = driver.expose(page, Page.SIZE, READ_WRITE);
                assertThat(first.load(bus, 8)).isZero();
                first.requestDone();
                bind(world, World.THIRD);
                assertThat(first.load(bus, 8)).isNegative();
                try (DeviceSide second = transport.device(secondKernel, endpoint)) {
                    assertThat(second.load(bus, 8)).isZero();
                    assertThat(second.value()).isEqualTo(21);
                    second.requestDone();
                    bind(world, World.GRANTEE);
                    assertThat(second.load(bus, 8)).isNegative();
                    assertThat(first.load(bus, 8)).isEqualTo(Status.STALE);
                    try (DeviceSide third = transport.device(firstKernel, endpoint)) {
                        assertThat(third.store(bus, 8, 22)).isZero();
                    }
                }
                assertThat(kernel.vcpu().load(page, 8)).isZero();
                assertThat(kernel.vcpu().value()).isEqualTo(22);
                assertThat(driver.withdraw(bus, Page.SIZE)).isZero();
            }
            world.checkInvariants();
            world.dismantle();
        }
    }

    static Stream<Setting> trees() {
        return settings().filter(setting -> setting.format().equals("v3-tree"));
    }

    /** vdomid_bind, with AUTO_RESUME. */
    private static void bind(World world, int real) {
        Party control = world.control();
        for (int at = 0; at < Domctl.SIZE; at += Long.BYTES) {
            control.store(control.arguments() + at, 0);
        }
        control.store(control.arguments() + Domctl.CMD, GnttabDomctl.VDOMID_BIND);
        control.store(
                control.arguments() + Domctl.PAYLOAD,
                World.GRANTER
                        | (long) VIRTUAL << (8 * VdomidBind.VDOMID)
                        | (long) real << (8 * VdomidBind.REAL)
                        | (long) VdomidBind.AUTO_RESUME << (8 * VdomidBind.FLAGS));
        assertThat(control.hypercall(Hypercall.DOMCTL, control.arguments(), 0, 0))
                .isZero();
    }
}
