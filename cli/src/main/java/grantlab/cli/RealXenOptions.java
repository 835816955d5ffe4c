package grantlab.cli;

import grantlab.conformance.record.RecorderSettings;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which real Xen is asked: its image and the headers of the same release. */
final class RealXenOptions {
    @Option(
            names = "--xen",
            paramLabel = "FILE",
            description = "The real Xen: the hypervisor, packed with gzip or not (default: ${DEFAULT-VALUE}).")
    private Path xen = RecorderSettings.usual().xen();

    @Option(
            names = "--include",
            paramLabel = "DIR",
            description = "The directory above xen/ with that release's public headers (default: ${DEFAULT-VALUE}).")
    private Path headers = RecorderSettings.usual().headers();

    /** Settings with this Xen. */
    RecorderSettings complete(RecorderSettings settings) {
        return settings.withXen(xen).withHeaders(headers);
    }
}
