package grantlab.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code grantlab demo}: what Grantlab does together with other programs. */
@Command(
        name = "demo",
        description = "Let programs of others work on granted memory.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = DpdkCommand.class)
final class DemoCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** For picocli. */
    @SuppressWarnings("NullAway.Init") // picocli fills the field
    DemoCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no demo given");
    }
}
