package grantlab.conformance.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A call of the compiler.
 *
 * @param status with which it ended
 * @param output what it printed, complaints included
 */
record CompilerRun(int status, String output) {
    /** Calls it and waits. */
    static CompilerRun of(List<String> command, Path directory) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new CompilerRun(process.waitFor(), output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the guest was compiled", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** The first error, else the last line. */
    String complaint() {
        List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
        return lines.stream()
                .filter(line -> line.contains("error:"))
                .findFirst()
                .orElse(lines.isEmpty() ? "it said nothing, and ended with status " + status : lines.getLast());
    }
}
