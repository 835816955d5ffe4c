package grantlab.conformance.clause;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Combination;
import grantlab.conformance.Examples;
import grantlab.conformance.Member;
import grantlab.conformance.Selection;
import grantlab.conformance.World;
import grantlab.hypervisor.Settings;
import grantlab.virtio.block.Block;
import grantlab.virtio.block.BlockDriver;
import grantlab.virtio.block.FileDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A file system that is written through a block device is a file system: e2fsprogs say so (Debian's package e2fsprogs). */
class FileSystemTest {
    private static final int IMAGE = 4 << 20;
    private static final int IN_FLIGHT = 4;
    private static final List<String> PLACES = List.of("/usr/sbin", "/sbin", "/usr/bin");

    @TempDir
    private Path directory;

    /** One combination for each transport and layout. */
    static Stream<Combination> combinations() {
        return Stream.of(
                        with("v1", "hvm-pv", "virtio-shared-table", "split"),
                        with("v3-tree", "pv-hvm", "virtio-shared-table", "packed"),
                        with("v3-tree", "pv-pv", "virtio-grants", "packed"),
                        with("v3-tree", "hvm-hvm", "virtio-grants", "split"),
                        with("v2", "hvm-pv", "virtio-iommu", "split"),
                        with("v3-tree", "pv-hvm", "virtio-iommu", "packed"),
                        with("v1", "pv-pv", "virtio-iommu-lazy", "split"))
                .flatMap(selection -> selection.combinations(Examples.INSTALLED).stream());
    }

    private static Selection with(String format, String paging, String transport, String queue) {
        return new Selection(List.of(format), List.of(paging))
                .with(Member.TRANSPORT, List.of(transport))
                .with(Member.QUEUE, List.of(queue));
    }

    private int run(String program, String... arguments) throws IOException, InterruptedException {
        Optional<Path> found = PLACES.stream()
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), program + " is missing: install the package e2fsprogs");
        List<String> command = new ArrayList<>(List.of(found.orElseThrow().toString()));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start()
                .waitFor();
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("said"));
    }

    /** With files in it, so that there is something to check. */
    @BeforeEach
    void aFileSystem() throws IOException, InterruptedException {
        Path files = Files.createDirectories(directory.resolve("files/deep/deeper"));
        byte[] content = new byte[300_000];
        new Random(2).nextBytes(content);
        Files.write(files.resolve("content"), content);
        for (int n = 0; n < 40; n++) {
            Files.writeString(directory.resolve("files").resolve("file-" + n), "n".repeat(n * 97));
        }
        Path original = Files.write(directory.resolve("original"), new byte[IMAGE]);
        String from = directory.resolve("files").toString();
        int made = run("mkfs.ext4", "-q", "-F", "-b", "4096", "-d", from, original.toString());
        assertThat(made).as(said()).isZero();
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void isWhatWasWritten(Combination combination) throws Exception {
        for (Endpoint.Mode mode : Endpoint.Mode.values()) {
            copied(combination, mode, Integer.MAX_VALUE);
        }
    }

    /** The backend dies with requests in flight, carried out or not, again and again. */
    @ParameterizedTest
    @MethodSource("combinations")
    void isWhatWasWrittenWhenTheBackendDies(Combination combination) throws Exception {
        copied(combination, Endpoint.Mode.STREAMING, 7);
        copied(combination, Endpoint.Mode.POOL, 5);
    }

    private void copied(Combination combination, Endpoint.Mode mode, int roundsOfALife) throws Exception {
        byte[] image = Files.readAllBytes(directory.resolve("original"));
        Path copy = Files.write(directory.resolve("copy"), new byte[IMAGE]);
        try (World world = World.open(Settings.usual(), Examples.INSTALLED, combination, 1)) {
            if (!BlockScene.modes(world).contains(mode)) {
                return;
            }
            try (BlockScene scene = new BlockScene(world, mode, new FileDisk(copy));
                    BlockDriver driver = scene.begin(0)) {
                write(scene, driver, image, roundsOfALife);
                assertThat(read(scene, driver)).isEqualTo(image);
            }
        }
        assertThat(Files.readAllBytes(copy)).isEqualTo(image);
        assertThat(run("fsck.ext4", "-f", "-n", copy.toString())).as(said()).isZero();
    }

    private static void write(BlockScene scene, BlockDriver driver, byte[] image, int roundsOfALife) {
        long[] pages = new long[IN_FLIGHT];
        Arrays.setAll(pages, n -> scene.page());
        int round = 0;
        for (int at = 0; at < image.length; at += IN_FLIGHT * Page.SIZE) {
            for (int n = 0; n < IN_FLIGHT; n++) {
                int from = at + n * Page.SIZE;
                scene.put(pages[n], Arrays.copyOfRange(image, from, from + Page.SIZE));
                assertThat(driver.submit(Block.OUT, from / Block.SECTOR, pages[n], Page.SIZE))
                        .isNotNegative();
            }
            driver.publish();
            if (round % roundsOfALife == roundsOfALife - 1) {
                die(scene, driver, round);
            }
            scene.device.work();
            for (int n = 0; n < IN_FLIGHT; n++) {
                int done = driver.complete();
                assertThat(done).isNotNegative();
                assertThat(driver.status(done)).isEqualTo(Block.OK);
            }
            round++;
        }
        Arrays.stream(pages).forEach(scene::give);
    }

    /** Every other time the device has done all, and nobody was told. */
    private static void die(BlockScene scene, BlockDriver driver, int round) {
        if (round % 2 == 0) {
            scene.device.work();
        }
        scene.deviceSide.close();
        scene.plugAnother();
        driver.resume(BlockScene.BLOCK_FEATURES | scene.layout(), BlockScene.QUEUE);
        driver.publish();
    }

    private static byte[] read(BlockScene scene, BlockDriver driver) {
        byte[] image = new byte[IMAGE];
        long page = scene.page();
        for (int at = 0; at < image.length; at += Page.SIZE) {
            assertThat(scene.perform(driver, Block.IN, at / Block.SECTOR, page, Page.SIZE))
                    .isEqualTo(Block.OK);
            System.arraycopy(scene.get(page), 0, image, at, Page.SIZE);
        }
        scene.give(page);
        return image;
    }
}
