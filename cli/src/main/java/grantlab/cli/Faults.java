package grantlab.cli;

import grantlab.conformance.record.RecordingFailedException;
import grantlab.conformance.record.RequirementException;
import grantlab.conformance.replay.RecordingException;
import grantlab.conformance.script.ScriptException;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.invariant.InvariantBroken;
import grantlab.virtio.dpdk.MissingPackageException;
import grantlab.virtio.vhost.BackendException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** What went wrong while a command ran: the user's mistakes in one line, ours with all that is known. */
final class Faults implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception thrown, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        return switch (thrown) {
            case ConfigurationException e -> misuse(err, e.getMessage());
            case ScriptException e -> misuse(err, e.getMessage());
            case RecordingException e -> misuse(err, e.getMessage());
            case RequirementException e -> misuse(err, e.getMessage());
            case MissingPackageException e -> misuse(err, e.getMessage());
            case BackendException e -> {
                err.println("grantlab: " + e.getMessage());
                yield ExitStatus.DIFFERS;
            }
            case RecordingFailedException e -> {
                err.println("grantlab: " + e.getMessage());
                yield ExitStatus.DIFFERS;
            }
            case IOException e -> misuse(err, text(e));
            case UncheckedIOException e -> misuse(err, text(e.getCause() == null ? new IOException(e) : e.getCause()));
            case InvariantBroken e -> {
                err.println("grantlab: an invariant of Grantlab is broken; please report this with the state below");
                err.println(e.getMessage());
                yield ExitStatus.FAULT;
            }
            default -> ours(err, thrown);
        };
    }

    /** A fault of ours, with all that is known. */
    static int ours(PrintWriter err, Throwable thrown) {
        err.println("grantlab: a fault of Grantlab; please report this");
        thrown.printStackTrace(err);
        return ExitStatus.FAULT;
    }

    private static int misuse(PrintWriter err, @Nullable String message) {
        err.println("grantlab: " + String.valueOf(message).replaceAll("\\s+", " "));
        return ExitStatus.MISUSE;
    }

    /** The exceptions of java.nio.file often say nothing but the name of the file. */
    private static String text(IOException thrown) {
        if (!(thrown instanceof FileSystemException file)) {
            return String.valueOf(thrown.getMessage());
        }
        String reason = switch (file) {
            case NoSuchFileException missing -> "no such file or directory";
            case AccessDeniedException denied -> "permission denied";
            case NotDirectoryException other -> "not a directory";
            case DirectoryNotEmptyException full -> "something lies there already";
            default -> Objects.requireNonNullElse(file.getReason(), "cannot be read or written");
        };
        return file.getFile() + ": " + reason;
    }
}
