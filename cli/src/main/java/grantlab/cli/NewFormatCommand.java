package grantlab.cli;

import grantlab.conformance.project.FormatProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grantlab new-format}. */
@Command(
        name = "new-format",
        description = "Make a Maven project with a grant format that works, to begin one of your own with.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class NewFormatCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "NAME", description = "What the format is called, such as my-format.")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DIR",
            description = "Where the project goes; nothing may lie there (default: NAME).")
    private @Nullable Path directory;

    @Option(names = "--package", paramLabel = "P", description = "Package of its classes (default: org.example.NAME).")
    private @Nullable String packageName;

    NewFormatCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        FormatProject project = packageName == null ? FormatProject.named(name) : new FormatProject(name, packageName);
        Path target = directory == null ? Path.of(name) : directory;
        project.writeTo(target);
        terminal.out().println("project  " + target);
        terminal.out().println("tests    cd " + target + " && mvn verify");
        terminal.out().println("matrix   grantlab matrix --plugins " + target.resolve("target") + " --format " + name);
        terminal.out().flush();
        return ExitStatus.OKAY;
    }
}
