package grantlab.conformance.record;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the recorder works with.
 *
 * @param compiler gcc for x86-64, as a name on the PATH or as a path
 * @param headers the directory above {@code xen/} with Xen's public headers; they must be of the release of
 *     {@code xen}, because the interface of the toolstack changes with every release
 * @param emulator QEMU for x86-64, as a name on the PATH or as a path
 * @param xen the hypervisor's image, compressed with gzip or not
 * @param timeout what one script may take, from the start of QEMU to its end
 * @param cache where the guest and the unpacked hypervisor are kept for the next run
 */
public record RecorderSettings(String compiler, Path headers, String emulator, Path xen, Duration timeout, Path cache) {
    private static final Duration USUAL_TIMEOUT = Duration.ofMinutes(5);

    /**
     * Debian's Xen 4.17, of which the recordings are.
     *
     * @return where Debian's packages put everything
     */
    public static RecorderSettings usual() {
        return new RecorderSettings(
                "gcc",
                Path.of("/usr/include"),
                "qemu-system-x86_64",
                Path.of("/boot/xen-4.17-amd64.gz"),
                USUAL_TIMEOUT,
                usualCache());
    }

    private static Path usualCache() {
        Path caches = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(directory -> !directory.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        return caches.resolve("grantlab").resolve("recorder");
    }

    /**
     * Another compiler.
     *
     * @param program name on the PATH or path
     * @return these settings with it
     */
    public RecorderSettings withCompiler(String program) {
        return new RecorderSettings(program, headers, emulator, xen, timeout, cache);
    }

    /**
     * Other headers.
     *
     * @param directory above {@code xen/}
     * @return these settings with it
     */
    public RecorderSettings withHeaders(Path directory) {
        return new RecorderSettings(compiler, directory, emulator, xen, timeout, cache);
    }

    /**
     * Another QEMU.
     *
     * @param program name on the PATH or path
     * @return these settings with it
     */
    public RecorderSettings withEmulator(String program) {
        return new RecorderSettings(compiler, headers, program, xen, timeout, cache);
    }

    /**
     * Another Xen.
     *
     * @param image of the hypervisor, compressed with gzip or not
     * @return these settings with it
     */
    public RecorderSettings withXen(Path image) {
        return new RecorderSettings(compiler, headers, emulator, image, timeout, cache);
    }

    /**
     * Another time that a script may take.
     *
     * @param limit more than nothing
     * @return these settings with it
     */
    public RecorderSettings withTimeout(Duration limit) {
        return new RecorderSettings(compiler, headers, emulator, xen, limit, cache);
    }

    /**
     * Another place for what is kept.
     *
     * @param directory made when it is needed
     * @return these settings with it
     */
    public RecorderSettings withCache(Path directory) {
        return new RecorderSettings(compiler, headers, emulator, xen, timeout, directory);
    }
}
