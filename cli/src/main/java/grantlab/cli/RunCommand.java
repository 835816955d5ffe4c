package grantlab.cli;

import grantlab.conformance.script.ScriptRunner;
import grantlab.conformance.script.ScriptRunner.Remark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grantlab run}. */
@Command(
        name = "run",
        description = "Run a script and print each result.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class RunCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "SCRIPT", description = "The script; docs/script-language.md says what can stand in it.")
    private Path script = Path.of("");

    @Option(
            names = "--costs",
            description =
                    "Say in the end what each operation took: hypercalls, exits, writes of table entries, flushes, bytes"
                            + " copied, and what is mapped then.")
    private boolean costs;

    @Option(names = "--charges", description = "Say in the end which domain is charged for what through grants v3.")
    private boolean charges;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        options.installed();
        try {
            new ScriptRunner(options.settings(), remarks()).run(script, terminal.out());
        } finally {
            terminal.out().flush();
        }
        return ExitStatus.OKAY;
    }

    private Remark[] remarks() {
        List<Remark> wanted = new ArrayList<>();
        if (costs) {
            wanted.add(Remark.COSTS);
        }
        if (charges) {
            wanted.add(Remark.CHARGES);
        }
        return wanted.toArray(Remark[]::new);
    }
}
