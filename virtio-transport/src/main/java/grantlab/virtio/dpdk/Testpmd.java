package grantlab.virtio.dpdk;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process of DPDK's testpmd with one vhost-user port: what it receives there it sends back there, with the addresses of Ethernet
 * exchanged. It translates bus addresses (iommu-support), and has no huge pages and no devices of the computer.
 */
public final class Testpmd implements AutoCloseable {
    private static final String PROGRAM = "dpdk-testpmd";
    private static final String PACKAGES =
            "packages dpdk-dev, librte-net-vhost23 and librte-mempool-ring23 of Debian 12";
    private static final int MEBIBYTES = 64;

    /** As many as there is memory for. */
    private static final int PACKET_BUFFERS = 2048;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_AGAIN_MILLIS = 50;
    private static final Pattern DRIVER_MISSING =
            Pattern.compile("failed to (parse|initialize) .*net_vhost|no driver|net_vhost0", Pattern.CASE_INSENSITIVE);

    private final Path directory;
    private final Process process;

    private Testpmd(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
    }

    /**
     * What testpmd itself counted.
     *
     * @param received packets that came from the driver
     * @param sent packets that went to the driver
     * @param dropped packets that it could not send
     */
    public record Counts(long received, long sent, long dropped) {}

    /**
     * Starts one, and waits until it listens.
     *
     * @throws MissingPackageException when this computer has none, or not all that it needs
     * @throws IOException when it does not start for another reason, with what it said last
     */
    public static Testpmd start() throws IOException {
        return start(Optional.ofNullable(System.getenv("PATH")).orElse(""));
    }

    /** @param path directories in which it is looked for */
    static Testpmd start(String path) throws IOException {
        Path program = program(path);
        Path directory = Files.createTempDirectory("grantlab-dpdk");
        ProcessBuilder builder = new ProcessBuilder(command(program, directory))
                .directory(directory.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log(directory).toFile());
        // What it keeps while it runs goes with the directory.
        builder.environment().put("RUNTIME_DIRECTORY", directory.toString());
        Process process = builder.start();
        Testpmd testpmd = new Testpmd(directory, process);
        try {
            testpmd.awaitSocket();
            return testpmd;
        } catch (IOException | RuntimeException e) {
            testpmd.close();
            throw e;
        }
    }

    private static Path program(String path) {
        return Arrays.stream(path.split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new MissingPackageException(PROGRAM + " is not on the PATH: " + PACKAGES));
    }

    private static List<String> command(Path program, Path directory) {
        String cpus = "(0-" + (Runtime.getRuntime().availableProcessors() - 1) + ")";
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of("--lcores", "0@" + cpus + ",1@" + cpus));
        command.addAll(List.of("--no-huge", "--no-pci", "--no-telemetry", "-m", String.valueOf(MEBIBYTES)));
        command.add("--file-prefix=" + directory.getFileName());
        command.addAll(List.of("--log-level=lib.vhost.config:notice"));
        command.addAll(List.of("--vdev", "net_vhost0,iface=" + socket(directory) + ",iommu-support=1,queues=1"));
        command.addAll(List.of("--", "--forward-mode=macswap", "--port-topology=loop", "--auto-start"));
        command.addAll(List.of("--no-mlockall", "--total-num-mbufs=" + PACKET_BUFFERS));
        // Without a terminal it ends at once, unless it has statistics to show.
        command.add("--stats-period=1");
        return command;
    }

    private static Path socket(Path directory) {
        return directory.resolve("vhost.sock");
    }

    private static Path log(Path directory) {
        return directory.resolve("testpmd.log");
    }

    private void awaitSocket() throws IOException {
        long tries = PATIENCE.toMillis() / LOOK_AGAIN_MILLIS;
        for (long n = 0; n < tries && !Files.exists(socket()); n++) {
            if (waited(LOOK_AGAIN_MILLIS)) {
                String log = Files.readString(log(directory));
                if (DRIVER_MISSING.matcher(log).find()) {
                    throw new MissingPackageException(PROGRAM + " finds no vhost driver: " + PACKAGES);
                }
                throw new IOException(PROGRAM + " ended with status " + process.exitValue() + ": " + lastLine(log));
            }
        }
        if (!Files.exists(socket())) {
            throw new IOException(PROGRAM + " does not listen: " + lastLine(Files.readString(log(directory))));
        }
    }

    /** Before it explains how it is called. */
    private static String lastLine(String log) {
        return log.lines()
                .takeWhile(line -> !line.startsWith("Usage:"))
                .filter(line -> !line.isBlank())
                .reduce("it said nothing", (before, line) -> line);
    }

    /** @return whether the process has ended */
    private boolean waited(long milliseconds) {
        try {
            return process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + PROGRAM + " was waited for", e);
        }
    }

    /** Where it listens. */
    public Path socket() {
        return socket(directory);
    }

    /** Ends it at once. When this returns, none of its threads runs. */
    public void kill() {
        process.destroyForcibly();
        while (!waited(PATIENCE.toMillis())) {
            process.destroyForcibly();
        }
    }

    /**
     * Has it end by itself.
     *
     * @return what it counted
     * @throws IOException when it did not, or said nothing of what it counted
     */
    public Counts stop() throws IOException {
        process.destroy();
        if (!waited(PATIENCE.toMillis())) {
            kill();
            throw new IOException(PROGRAM + " did not end");
        }
        return counts(Files.readString(log(directory)));
    }

    /** The last of each: those of the whole run. */
    static Counts counts(String log) throws IOException {
        return new Counts(last(log, "RX-packets"), last(log, "TX-packets"), last(log, "TX-dropped"));
    }

    private static long last(String log, String name) throws IOException {
        Matcher matcher = Pattern.compile(Pattern.quote(name) + ":\\s*(\\d+)").matcher(log);
        long count = -1;
        while (matcher.find()) {
            count = Long.parseLong(matcher.group(1));
        }
        if (count < 0) {
            throw new IOException(PROGRAM + " says nothing of " + name + ": " + lastLine(log));
        }
        return count;
    }

    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
