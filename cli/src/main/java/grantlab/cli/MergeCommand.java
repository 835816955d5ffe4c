package grantlab.cli;

import grantlab.conformance.report.Reports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grantlab merge}. */
@Command(
        name = "merge",
        description = "Put the parts of a matrix together that were run with --shard.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class MergeCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "JSON", arity = "1..*", description = "A matrix.json of each part, in any order.")
    private List<Path> parts = List.of();

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Where matrix.html and matrix.json go (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("target", "matrix");

    MergeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        boolean success = Reports.merge(parts, directory);
        terminal.out().println("report  " + directory.resolve(Reports.HTML));
        terminal.out().flush();
        return success ? ExitStatus.OKAY : ExitStatus.DIFFERS;
    }
}
