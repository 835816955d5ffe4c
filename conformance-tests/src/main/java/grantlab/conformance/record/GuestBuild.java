package grantlab.conformance.record;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles the guest, unless one from the same sources, headers and compiler is there already. The options are those of
 * a kernel: no library, no red zone, no vector registers, linked at the addresses where it runs.
 */
final class GuestBuild {
    private static final String GUEST = "guest";

    private static final List<String> OPTIONS = List.of(
            "-std=gnu11",
            "-O1",
            "-g0",
            "-ffreestanding",
            "-fno-builtin",
            "-nostdinc",
            "-m64",
            "-mcmodel=small",
            "-mno-red-zone",
            "-mgeneral-regs-only",
            "-fno-pic",
            "-fno-stack-protector",
            "-fcf-protection=none",
            "-fno-asynchronous-unwind-tables",
            "-fno-strict-aliasing",
            "-fno-tree-loop-distribute-patterns",
            "-nostdlib",
            "-static",
            "-Wl,--build-id=none,-z,noexecstack,--no-warn-rwx-segments,-z,max-page-size=4096");

    private final Equipment equipment;
    private final Cache cache;

    GuestBuild(Equipment equipment, Cache cache) {
        this.equipment = equipment;
        this.cache = cache;
    }

    /**
     * The guest.
     *
     * @return its image
     * @throws RequirementException when the compiler refuses: usually the headers are not Xen's, or of no release that
     *     the guest knows
     */
    Path image() throws IOException {
        return cache.file("guest-" + fingerprint(), this::compile);
    }

    private String fingerprint() throws IOException {
        Fingerprint fingerprint = new Fingerprint()
                .text(String.join(" ", OPTIONS))
                .program(equipment.compiler())
                .directory(equipment.headers().resolve("xen"));
        GuestSources.addTo(fingerprint);
        return fingerprint.name();
    }

    private Path compile(Path work) throws IOException {
        GuestSources.copyTo(work);
        CompilerRun run = CompilerRun.of(command(), work);
        if (run.status() != 0) {
            throw new RequirementException("the guest cannot be compiled by " + equipment.compiler()
                    + " with the headers in " + equipment.headers() + ": " + run.complaint());
        }
        return work.resolve(GUEST);
    }

    private List<String> command() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(equipment.compiler().toString());
        command.addAll(OPTIONS);
        command.addAll(List.of(
                "-isystem", headersOfCompiler(), "-isystem", equipment.headers().toString()));
        command.addAll(List.of("-T", GuestSources.LAYOUT, "-o", GUEST));
        command.addAll(GuestSources.UNITS);
        return command;
    }

    /** stdint.h and its like, which belong to the compiler and come without a library. */
    private String headersOfCompiler() throws IOException {
        CompilerRun run =
                CompilerRun.of(List.of(equipment.compiler().toString(), "-print-file-name=include"), Path.of("."));
        if (run.status() != 0 || run.output().isBlank()) {
            throw new RequirementException(
                    "the compiler " + equipment.compiler() + " is no gcc: it does not say where its headers are");
        }
        return run.output().strip();
    }
}
