package grantlab.conformance.record;

import grantlab.conformance.record.SerialOutput.End;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Boots Xen in QEMU, with the guest as domain 0 and a script as its initial ramdisk. QEMU translates (TCG), so that
 * neither the processor nor the rights of the caller matter, and emulates an AMD processor with nested paging, for HVM
 * domains. The guest ends with a reboot, and QEMU with it.
 *
 * @param emulator QEMU
 * @param xen the hypervisor, not compressed
 * @param guest the image of domain 0
 * @param timeout after which a run is ended
 */
record XenRun(Path emulator, Path xen, Path guest, Duration timeout) {
    private static final String GUEST = "guest";
    private static final String SCRIPT = "script";
    private static final String COMPLAINTS = "complaints";

    private static final List<String> MACHINE = List.of(
            "-machine pc,accel=tcg",
            "-cpu qemu64,+svm,+npt",
            "-m 512",
            "-smp 1",
            "-display none",
            "-serial stdio",
            "-monitor none",
            "-no-reboot",
            "-nic none");

    /** Xen's own words would only stand between ours; the buffer keeps a quick guest from losing output. */
    private static final String XEN_OPTIONS = "loglvl=error guest_loglvl=none/none com1=115200,8n1 console=com1"
            + " serial_tx_buffer=8M dom0_mem=48M dom0_max_vcpus=1";

    /**
     * Boots, and waits for the end.
     *
     * @param script what the guest is given
     * @param xenOptions further words of Xen's command line
     * @param answered is told when an answer begins
     * @return what was printed
     */
    SerialOutput run(String script, List<String> xenOptions, Runnable answered) throws IOException {
        try (WorkDirectory work = WorkDirectory.temporary()) {
            // Named from inside of the directory: a comma or a blank in a path would mean something to QEMU.
            Files.copy(guest, work.path().resolve(GUEST));
            Files.writeString(work.path().resolve(SCRIPT), script);
            Path complaints = work.path().resolve(COMPLAINTS);
            Process process = new ProcessBuilder(command(xenOptions))
                    .directory(work.path().toFile())
                    .redirectError(complaints.toFile())
                    .start();
            SerialReader reader = new SerialReader(answered);
            End end = watched(process, reader);
            return new SerialOutput(
                    reader.text(), new String(Files.readAllBytes(complaints), StandardCharsets.UTF_8), end);
        }
    }

    private End watched(Process process, SerialReader reader) throws IOException {
        try (Watch watch = Watch.over(process, timeout)) {
            process.getOutputStream().close();
            boolean whole = reader.readAll(process.getInputStream());
            if (!whole) {
                return End.TOO_LONG;
            }
            process.waitFor();
            return watch.hasExpired() ? End.OUT_OF_TIME : End.BY_ITSELF;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while Xen was running", e);
        }
    }

    private List<String> command(List<String> xenOptions) {
        List<String> command = new ArrayList<>();
        command.add(emulator.toString());
        MACHINE.forEach(option -> command.addAll(List.of(option.split(" "))));
        command.addAll(List.of("-kernel", xen.toString()));
        command.addAll(List.of("-append", String.join(" ", XEN_OPTIONS, String.join(" ", xenOptions))));
        command.addAll(List.of("-initrd", GUEST + "," + SCRIPT));
        return command;
    }
}
