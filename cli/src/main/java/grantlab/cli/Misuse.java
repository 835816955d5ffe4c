package grantlab.cli;

import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;

/** A wrong command line: one line, with what there is. */
final class Misuse implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException misuse, String[] arguments) {
        CommandLine command = misuse.getCommandLine();
        String message = String.valueOf(misuse.getMessage()).replaceAll("\\s+", " ");
        command.getErr()
                .println("grantlab: " + message + "; see: "
                        + command.getCommandSpec().qualifiedName() + " --help");
        return ExitStatus.MISUSE;
    }
}
