package grantlab.cli;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Gives each command the terminal. */
final class Commands implements IFactory {
    private final Terminal terminal;

    Commands(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == MatrixCommand.class) {
            return type.cast(new MatrixCommand(terminal));
        }
        if (type == MergeCommand.class) {
            return type.cast(new MergeCommand(terminal));
        }
        if (type == RunCommand.class) {
            return type.cast(new RunCommand(terminal));
        }
        if (type == ReplayCommand.class) {
            return type.cast(new ReplayCommand(terminal));
        }
        if (type == RecordCommand.class) {
            return type.cast(new RecordCommand(terminal));
        }
        if (type == FuzzCommand.class) {
            return type.cast(new FuzzCommand(terminal));
        }
        if (type == DpdkCommand.class) {
            return type.cast(new DpdkCommand(terminal));
        }
        if (type == NewFormatCommand.class) {
            return type.cast(new NewFormatCommand(terminal));
        }
        if (type == ListCommand.class) {
            return type.cast(new ListCommand(terminal));
        }
        if (type == ClausesCommand.class) {
            return type.cast(new ClausesCommand(terminal));
        }
        return CommandLine.defaultFactory().create(type);
    }
}
