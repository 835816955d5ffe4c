package grantlab.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command without a verb, and the way into all of them. */
@Command(
        name = "grantlab",
        description = "The executable reference of Xen grant tables.",
        mixinStandardHelpOptions = true,
        versionProvider = GrantlabVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            MatrixCommand.class,
            MergeCommand.class,
            RunCommand.class,
            ReplayCommand.class,
            RecordCommand.class,
            FuzzCommand.class,
            DemoCommand.class,
            ListCommand.class,
            ClausesCommand.class,
            NewFormatCommand.class
        },
        footer = {
            "",
            "Settings come from ./grantlab.conf or --config FILE, then from system properties",
            "(-Dgrantlab.KEY=VALUE), then from --set KEY=VALUE.",
            "",
            "Exit status: 0 all as expected, 1 something differs, 2 the call itself was wrong,",
            "3 a fault of Grantlab's."
        })
public final class Grantlab implements Runnable {
    @Spec
    private CommandSpec spec;

    /** For picocli. */
    @SuppressWarnings("NullAway.Init") // picocli fills the field
    public Grantlab() {}

    /**
     * The process.
     *
     * @param arguments of the command line
     */
    public static void main(String[] arguments) {
        Terminal terminal = Terminal.ofProcess();
        System.exit(status(terminal, arguments));
    }

    private static int status(Terminal terminal, String[] arguments) {
        try {
            return commandLine(terminal).execute(arguments);
        } catch (Error e) { // picocli hands over exceptions only
            return Faults.ours(terminal.err(), e);
        }
    }

    /**
     * The command as a whole, for embedding and for tests.
     *
     * @param terminal where it prints
     * @return ready to execute
     */
    static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new Grantlab(), new Commands(terminal))
                .setOut(terminal.out())
                .setErr(terminal.err())
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        terminal.interactive() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler(new Misuse())
                .setExecutionExceptionHandler(new Faults());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}
