package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.api.transport.Transport;
import grantlab.api.transport.TransportCounts;
import grantlab.conformance.TransportTest.Setting;
import grantlab.hypervisor.Settings;
import grantlab.virtio.block.Block;
import grantlab.virtio.block.BlockDevice;
import grantlab.virtio.block.BlockDriver;
import grantlab.virtio.block.Disk;
import grantlab.virtio.block.FileDisk;
import grantlab.virtio.block.MemoryDisk;
import grantlab.virtio.device.VirtioDevice;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.Feature;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A block device in one guest, its driver in another, and every transport, format and kind of guest between them. */
class BlockTest {
    private static final int QUEUE = 16;
    private static final int SECTORS = 256;
    private static final long FEATURES = Block.F_FLUSH | Block.F_DISCARD | Block.F_SEG_MAX;

    @TempDir
    Path directory;

    static Stream<Arguments> everything() {
        return TransportTest.settingsAndModes();
    }

    static Stream<Setting> settings() {
        return TransportTest.settings();
    }

    private interface Body {
        void with(Scene scene) throws IOException;
    }

    /** A driver and a device that have found together. */
    private static final class Scene {
        final World world;
        final GuestKernel kernel;
        final DriverSide driverSide;
        final DeviceSide deviceSide;
        final VirtioDevice device;
        final BlockDriver driver;
        int interrupts;

        Scene(World world, Setting setting, Endpoint.Mode mode, Disk disk) {
            this.world = world;
            Transport transport = world.machine().transport(setting.transport());
            Endpoint endpoint = new Endpoint(World.GRANTER, World.GRANTEE, 0, mode);
            kernel = world.granter().kernel();
            driverSide = transport.driver(kernel, endpoint);
            deviceSide = transport.device(world.grantee().kernel(), endpoint);
            BlockDevice blocks = new BlockDevice(disk, "laboratory-disk", QUEUE);
            device = new VirtioDevice(blocks, deviceSide, Feature.ALL, QUEUE, () -> {}, () -> interrupts++);
            driver = new BlockDriver(device, kernel, driverSide, mode);
        }

        /** One request, from beginning to end. @return its status */
        int perform(int type, long sector, long address, int length) {
            int number = driver.submit(type, sector, address, length);
            assertThat(number).isNotNegative();
            driver.publish();
            device.work();
            assertThat(driver.virtio().deviceNeedsReset()).isFalse();
            assertThat(driver.complete()).isEqualTo(number);
            return driver.status(number);
        }

        void put(long address, byte[] bytes) {
            assertThat(kernel.vcpu().storeBytes(address, MemorySegment.ofArray(bytes)))
                    .isZero();
        }

        byte[] get(long address, int length) {
            byte[] bytes = new byte[length];
            assertThat(kernel.vcpu().loadBytes(address, MemorySegment.ofArray(bytes)))
                    .isZero();
            return bytes;
        }

        /** Pages that follow each other: the kernel hands out the highest first. */
        long pages(int count) {
            long lowest = 0;
            for (int n = 0; n < count; n++) {
                lowest = kernel.allocatePages(Page.ORDER_4K);
            }
            return lowest;
        }
    }

    private static void in(Setting setting, Endpoint.Mode mode, long features, Disk disk, Body body)
            throws IOException {
        Combination combination = Combination.of(Examples.INSTALLED, Pair.same(setting.format()), setting.paging());
        try (World world = World.open(Settings.usual(), Examples.INSTALLED, combination, 1)) {
            Scene scene = new Scene(world, setting, mode, disk);
            scene.driver.begin(features, QUEUE);
            body.with(scene);
            scene.driver.close();
            assertThat(scene.deviceSide.counts().mappingsLive).isZero();
            scene.deviceSide.close();
            scene.driverSide.close();
            world.checkInvariants();
            world.dismantle();
        }
    }

    private static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** What was written is read back, byte for byte, in queues of both kinds; the image itself has it too. */
    @ParameterizedTest
    @MethodSource("everything")
    void whatWasWrittenIsRead(Setting setting, Endpoint.Mode mode) throws IOException {
        for (long layout : new long[] {0, Feature.RING_PACKED, Feature.ALL}) {
            Path image = Files.write(directory.resolve("image-" + layout), new byte[SECTORS * Block.SECTOR]);
            byte[] content = random(3, 3 * Page.SIZE);
            try (Disk disk = new FileDisk(image)) {
                in(setting, mode, FEATURES | layout, disk, scene -> {
                    assertThat(scene.driver.sectors()).isEqualTo(SECTORS);
                    long data = scene.pages(4);
                    scene.put(data + 512, content);
                    assertThat(scene.perform(Block.OUT, 8, data + 512, content.length))
                            .isEqualTo(Block.OK);
                    assertThat(scene.perform(Block.FLUSH, 0, 0, 0)).isEqualTo(Block.OK);
                    scene.put(data, new byte[4 * Page.SIZE]);
                    assertThat(scene.perform(Block.IN, 8, data + 1024, content.length))
                            .isEqualTo(Block.OK);
                    assertThat(scene.get(data + 1024, content.length)).isEqualTo(content);
                    assertThat(scene.perform(Block.IN, 9, data, Block.SECTOR)).isEqualTo(Block.OK);
                    assertThat(scene.get(data, Block.SECTOR)).isEqualTo(Arrays.copyOfRange(content, 512, 1024));
                    assertThat(scene.interrupts).isPositive();
                });
            }
            byte[] file = Files.readAllBytes(image);
            assertThat(Arrays.copyOfRange(file, 4096, 4096 + content.length)).isEqualTo(content);
            assertThat(file).hasSize(SECTORS * Block.SECTOR);
            assertThat(file[4095]).isZero();
            assertThat(file[4096 + content.length]).isZero();
        }
    }

    /** Requests in any number and order, against an array. */
    @ParameterizedTest
    @MethodSource("everything")
    void diskIsAnArray(Setting setting, Endpoint.Mode mode) throws IOException {
        try (Disk disk = new MemoryDisk(SECTORS)) {
            in(setting, mode, FEATURES | Feature.RING_PACKED, disk, scene -> {
                byte[] model = new byte[SECTORS * Block.SECTOR];
                Random random = new Random(11);
                long data = scene.pages(4);
                for (int round = 0; round < 200; round++) {
                    int sectors = 1 + random.nextInt(16);
                    int length = sectors * Block.SECTOR;
                    int sector = random.nextInt(SECTORS - sectors + 1);
                    long address = data + (long) random.nextInt(8) * Block.SECTOR;
                    if (random.nextBoolean()) {
                        byte[] content = random(round, length);
                        scene.put(address, content);
                        assertThat(scene.perform(Block.OUT, sector, address, length))
                                .isEqualTo(Block.OK);
                        System.arraycopy(content, 0, model, sector * Block.SECTOR, length);
                    } else {
                        assertThat(scene.perform(Block.IN, sector, address, length))
                                .isEqualTo(Block.OK);
                        assertThat(scene.get(address, length))
                                .isEqualTo(Arrays.copyOfRange(
                                        model, sector * Block.SECTOR, sector * Block.SECTOR + length));
                    }
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void idAndDiscard(Setting setting) throws IOException {
        Path image = Files.write(directory.resolve("full"), random(5, SECTORS * Block.SECTOR));
        byte[] before = Files.readAllBytes(image);
        try (Disk disk = new FileDisk(image)) {
            in(setting, Endpoint.Mode.STREAMING, FEATURES, disk, scene -> {
                long data = scene.pages(1);
                assertThat(scene.perform(Block.GET_ID, 0, data, Block.ID)).isEqualTo(Block.OK);
                assertThat(new String(scene.get(data, 15), StandardCharsets.US_ASCII))
                        .isEqualTo("laboratory-disk");
                assertThat(scene.get(data + 15, 5)).containsOnly(0);
                piece(scene, data, 10, 3, 0);
                piece(scene, data + Block.DISCARD_PIECE, SECTORS - 1, 1, 0);
                assertThat(scene.perform(Block.DISCARD, 0, data, 2 * Block.DISCARD_PIECE))
                        .isEqualTo(Block.OK);
                piece(scene, data, 20, 1, 0);
                piece(scene, data + Block.DISCARD_PIECE, SECTORS, 1, 0);
                assertThat(scene.perform(Block.DISCARD, 0, data, 2 * Block.DISCARD_PIECE))
                        .isEqualTo(Block.IOERR);
                piece(scene, data, 20, 1, 1);
                assertThat(scene.perform(Block.DISCARD, 0, data, Block.DISCARD_PIECE))
                        .isEqualTo(Block.UNSUPP);
                assertThat(scene.perform(Block.DISCARD, 0, data, Block.DISCARD_PIECE - 1))
                        .isEqualTo(Block.IOERR);
            });
        }
        Arrays.fill(before, 10 * Block.SECTOR, 13 * Block.SECTOR, (byte) 0);
        Arrays.fill(before, (SECTORS - 1) * Block.SECTOR, SECTORS * Block.SECTOR, (byte) 0);
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
    }

    private static void piece(Scene scene, long address, long sector, int count, int flags) {
        scene.kernel.vcpu().store(address, 8, sector);
        scene.kernel.vcpu().store(address + 8, 4, count);
        scene.kernel.vcpu().store(address + 12, 4, flags);
    }

    /** What was asked wrongly is answered, changes nothing, and the next request is served. */
    @ParameterizedTest
    @MethodSource("settings")
    void requestsThatAreWrong(Setting setting) throws IOException {
        try (Disk disk = new MemoryDisk(SECTORS)) {
            in(setting, Endpoint.Mode.STREAMING, 0, disk, scene -> {
                long data = scene.pages(1);
                scene.put(data, random(1, Page.SIZE));
                assertThat(scene.perform(Block.OUT, SECTORS, data, 512)).isEqualTo(Block.IOERR);
                assertThat(scene.perform(Block.OUT, SECTORS - 1, data, 1024)).isEqualTo(Block.IOERR);
                assertThat(scene.perform(Block.OUT, -1, data, 512)).isEqualTo(Block.IOERR);
                assertThat(scene.perform(Block.OUT, Long.MAX_VALUE / 512 + 1, data, 512))
                        .isEqualTo(Block.IOERR);
                assertThat(scene.perform(Block.OUT, 0, data, 511)).isEqualTo(Block.IOERR);
                assertThat(scene.perform(Block.IN, 1L << 40, data, 512)).isEqualTo(Block.IOERR);
                assertThat(scene.perform(Block.GET_ID, 0, data, Block.ID - 1)).isEqualTo(Block.IOERR);
                assertThat(scene.perform(99, 0, data, 512)).isEqualTo(Block.UNSUPP);
                assertThat(scene.perform(Block.FLUSH, 0, 0, 0)).isEqualTo(Block.UNSUPP);
                assertThat(scene.perform(Block.DISCARD, 0, data, 16)).isEqualTo(Block.UNSUPP);
                assertThat(scene.get(data, Page.SIZE)).isEqualTo(random(1, Page.SIZE));
                assertThat(scene.perform(Block.IN, 0, data, Page.SIZE)).isEqualTo(Block.OK);
                assertThat(scene.get(data, Page.SIZE)).containsOnly(0);
            });
        }
    }

    /** A driver whose requests lead nowhere breaks its queue; after a reset it is served again. */
    @ParameterizedTest
    @MethodSource("everything")
    void requestsThatBreakTheQueue(Setting setting, Endpoint.Mode mode) throws IOException {
        try (Disk disk = new MemoryDisk(SECTORS)) {
            in(setting, mode, FEATURES, disk, scene -> {
                long head = scene.pages(1);
                scene.kernel.vcpu().store(head, 8, Block.OUT);
                for (int lie = 0; lie < 4; lie++) {
                    long bus = scene.driverSide.expose(head, Page.SIZE, Access.READ);
                    DescriptorChain chain = new DescriptorChain(3);
                    switch (lie) {
                        case 0 -> chain.read(bus, Block.HEAD - 1).write(bus + 64, 1);
                        case 1 -> chain.read(bus, Block.HEAD);
                        case 2 ->
                            chain.read(bus, Block.HEAD)
                                    .read(bus + (1L << 40), 512)
                                    .write(bus + 64, 1);
                        default -> chain.read(bus, Block.HEAD).read(bus, 512).write(bus + 64, 1);
                    }
                    scene.driver.virtio().queue(0).add(chain);
                    scene.driver.publish();
                    scene.device.work();
                    assertThat(scene.driver.virtio().deviceNeedsReset())
                            .as("lie %d", lie)
                            .isTrue();
                    assertThat(scene.driver.reset()).isTrue();
                    assertThat(scene.deviceSide.counts().mappingsLive).isZero();
                    assertThat(scene.driverSide.withdraw(bus, Page.SIZE)).isZero();
                    scene.driver.begin(FEATURES, QUEUE);
                }
                assertThat(scene.perform(Block.FLUSH, 0, 0, 0)).isEqualTo(Block.OK);
            });
        }
    }

    /** Many in flight at once are all done, once each. */
    @ParameterizedTest
    @MethodSource("settings")
    void manyInFlight(Setting setting) throws IOException {
        try (Disk disk = new MemoryDisk(SECTORS)) {
            in(setting, Endpoint.Mode.STREAMING, FEATURES | Feature.INDIRECT_DESC, disk, scene -> {
                long data = scene.pages(1);
                int submitted = 0;
                while (scene.driver.submit(Block.OUT, submitted, data, Block.SECTOR) >= 0) {
                    submitted++;
                }
                assertThat(submitted).isBetween(4, QUEUE);
                scene.driver.publish();
                scene.device.work();
                for (int n = 0; n < submitted; n++) {
                    int done = scene.driver.complete();
                    assertThat(done).isNotNegative();
                    assertThat(scene.driver.status(done)).isEqualTo(Block.OK);
                }
                assertThat(scene.driver.complete()).isEqualTo(BlockDriver.NONE);
            });
        }
    }

    /** A write of 4 KiB from a page: what docs/virtio.md says that it takes. */
    @ParameterizedTest
    @MethodSource("everything")
    void whatOneRequestTakes(Setting setting, Endpoint.Mode mode) throws IOException {
        try (Disk disk = new MemoryDisk(SECTORS)) {
            in(setting, mode, FEATURES, disk, scene -> {
                long data = scene.pages(1);
                assertThat(scene.perform(Block.OUT, 0, data, Page.SIZE)).isEqualTo(Block.OK);
                TransportCounts device = scene.deviceSide.counts();
                TransportCounts driver = scene.driverSide.counts();
                long calls = scene.world.cost().hypercalls();
                long counted = device.hypercalls;
                long flushes = device.cpuFlushes;
                long copied = device.bytesCopied;
                long writes = driver.tableWrites;
                assertThat(scene.perform(Block.OUT, 0, data, Page.SIZE)).isEqualTo(Block.OK);
                long hypercalls = device.hypercalls - counted;
                assertThat(scene.world.cost().hypercalls() - calls).isEqualTo(hypercalls);
                assertThat(hypercalls)
                        .isEqualTo(
                                switch (mode) {
                                    case STREAMING -> 2;
                                    case POOL -> 0;
                                    case COPY -> 3;
                                });
                assertThat(device.cpuFlushes - flushes).isEqualTo(mode == Endpoint.Mode.STREAMING ? 1 : 0);
                assertThat(device.bytesCopied - copied)
                        .isEqualTo(mode == Endpoint.Mode.COPY ? Block.HEAD + Page.SIZE + 1 : 0);
                assertThat(driver.tableWrites - writes).isEqualTo(mode == Endpoint.Mode.POOL ? 0 : 2);
                assertThat(driver.hypercalls).isZero();
            });
        }
    }
}
