package grantlab.cli;

import grantlab.conformance.record.FileOutcome;
import grantlab.conformance.record.FileRecorder;
import grantlab.conformance.record.Recorder;
import grantlab.conformance.record.RecorderSettings;
import grantlab.conformance.record.ScriptFile;
import grantlab.conformance.report.RecordReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grantlab record}. */
@Command(
        name = "record",
        description = {
            "Run scripts on a real Xen, in QEMU, and keep what it answers: NAME.txt gets its NAME.res,"
                    + " in place of the one that was there.",
            "Xen and its headers are those of Debian's packages unless others are named; both must be"
                    + " of one release."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class RecordCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            arity = "1..*",
            paramLabel = "SCRIPT",
            description = "Scripts NAME.txt; docs/script-language.md says what can stand in them.")
    private List<Path> scripts = List.of();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Put the recordings, script and answers, into DIR instead of beside each script.")
    private @Nullable Path directory;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            converter = AtLeastOne.class,
            description = "Run N machines at once (default: one for each processor).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            converter = AtLeastOne.class,
            description = "What one script may take (default: ${DEFAULT-VALUE}).")
    private int seconds = (int) RecorderSettings.usual().timeout().toSeconds();

    @Mixin
    private RealXenOptions realXen = new RealXenOptions();

    @Option(names = "--qemu", paramLabel = "PROGRAM", description = "QEMU for x86-64 (default: ${DEFAULT-VALUE}).")
    private String emulator = RecorderSettings.usual().emulator();

    @Option(names = "--gcc", paramLabel = "PROGRAM", description = "gcc for x86-64 (default: ${DEFAULT-VALUE}).")
    private String compiler = RecorderSettings.usual().compiler();

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Where the compiled guest is kept (default: ${DEFAULT-VALUE}).")
    private Path cache = RecorderSettings.usual().cache();

    @Option(names = "--json", description = "Print what came of it for programs.")
    private boolean json;

    RecordCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        List<FileOutcome> outcomes = record(ScriptFile.read(scripts, directory));
        if (json) {
            terminal.out().print(RecordReport.json(outcomes));
        } else {
            terminal.out().print(RecordReport.text(outcomes, terminal.paint()));
        }
        terminal.out().flush();
        return RecordReport.isComplete(outcomes) ? ExitStatus.OKAY : ExitStatus.DIFFERS;
    }

    private RecorderSettings settings() {
        return realXen.complete(RecorderSettings.usual())
                .withCompiler(compiler)
                .withEmulator(emulator)
                .withTimeout(Duration.ofSeconds(seconds))
                .withCache(cache);
    }

    private List<FileOutcome> record(List<ScriptFile> read) throws IOException {
        FileRecorder files = new FileRecorder(new Recorder(settings()), jobs);
        int operations = read.stream().mapToInt(ScriptFile::operations).sum();
        try (Progress progress = Progress.of(terminal, "record", operations)) {
            return files.record(read, progress::step);
        }
    }
}
