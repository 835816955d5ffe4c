package grantlab.conformance.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Everything that the recorder needs, as shell scripts and empty files: what it does with compiler, QEMU and Xen can be
 * tested where none of them is installed.
 *
 * @param directory of its own
 */
record FakeLaboratory(Path directory) {
    /** Far more than any test needs. */
    private static final Duration ENOUGH = Duration.ofMinutes(2);

    /** Sets it up with a QEMU that prints nothing. */
    static FakeLaboratory in(Path directory) throws IOException {
        FakeLaboratory laboratory = new FakeLaboratory(directory);
        Files.createDirectories(directory.resolve("include/xen"));
        Files.writeString(directory.resolve("include/xen/xen.h"), "/* Xen's */\n");
        Files.writeString(directory.resolve("xen"), "hypervisor");
        laboratory.compilerThat(
                "out=; while [ $# -gt 0 ]; do [ \"$1\" = -o ] && out=$2; shift; done; echo guest > $out");
        laboratory.emulatorThat(":");
        return laboratory;
    }

    RecorderSettings settings() {
        return new RecorderSettings(
                directory.resolve("gcc").toString(),
                directory.resolve("include"),
                directory.resolve("qemu").toString(),
                directory.resolve("xen"),
                ENOUGH,
                directory.resolve("cache"));
    }

    /** Lets the compiler do something when it is to compile; each time leaves a line in {@code compiled}. */
    void compilerThat(String commands) throws IOException {
        program(
                "gcc",
                "case $1 in -print-file-name=*) echo /headers; exit 0;; esac",
                "echo once >> " + directory.resolve("compiled"),
                commands);
    }

    /** Lets QEMU do something; what it was called with is in {@code called}, what the guest was given in {@code given}. */
    void emulatorThat(String... commands) throws IOException {
        String shown = "for word; do echo \"$word\"; done > " + directory.resolve("called") + "; cp script "
                + directory.resolve("given");
        program("qemu", shown, String.join("\n", commands));
    }

    /** Lets QEMU print lines as a serial line does, and end. */
    void emulatorThatPrints(String... lines) throws IOException {
        emulatorThat("cat <<'END'\n" + String.join("\r\n", lines) + "\nEND");
    }

    private void program(String name, String... lines) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        file.toFile().setExecutable(true);
    }

    List<String> called() throws IOException {
        return Files.readAllLines(directory.resolve("called"));
    }

    boolean wasCalled() {
        return Files.exists(directory.resolve("called"));
    }

    int compiled() throws IOException {
        return Files.readAllLines(directory.resolve("compiled")).size();
    }
}
