package grantlab.cli;

import grantlab.conformance.report.InstalledReport;
import grantlab.hypervisor.Installed;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code grantlab list}. */
@Command(
        name = "list",
        description = "Show what is installed, with capabilities.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ListCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    ListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Installed installed = options.installed();
        terminal.out()
                .print(json ? InstalledReport.json(installed) : InstalledReport.text(installed, terminal.paint()));
        terminal.out().flush();
        return ExitStatus.OKAY;
    }
}
