package grantlab.cli;

import grantlab.conformance.replay.FileReport;
import grantlab.conformance.replay.Replay;
import grantlab.conformance.replay.ReplayReport;
import grantlab.conformance.report.Paint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grantlab replay}. */
@Command(
        name = "replay",
        description = "Run recorded scripts again and compare with what real Xen answered.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ReplayCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE|DIR",
            description = "Scripts NAME.txt beside their answers NAME.res, or directories of them.")
    private List<Path> paths = List.of();

    @Option(
            names = "--differences",
            paramLabel = "N",
            description = "Print the first N differences of each recording (default: ${DEFAULT-VALUE}).")
    private int shown = 5;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    ReplayCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        options.installed();
        ReplayReport report;
        try {
            report = new Replay(options.settings(), shown).replay(paths, this::print);
            terminal.out().println(painted(report.agrees(), report.toString()));
            terminal.out().printf(Locale.ROOT, "%,d operations a second%n", report.opsPerSecond());
        } finally {
            terminal.out().flush();
        }
        return report.agrees() ? ExitStatus.OKAY : ExitStatus.DIFFERS;
    }

    private void print(FileReport file) {
        terminal.out().println(painted(file.agrees(), file.toString()));
        file.differences()
                .forEach(difference ->
                        terminal.out().println(difference.toString().indent(2).stripTrailing()));
        terminal.out().flush();
    }

    private String painted(boolean good, String text) {
        Paint paint = terminal.paint();
        return good ? paint.good("✓ ") + text : paint.bad("✗ ") + text;
    }
}
