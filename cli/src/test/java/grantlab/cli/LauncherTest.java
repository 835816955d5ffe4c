package grantlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher {@code ./grantlab}, in a tree that is built already, with a JDK whose java says how it was called. */
@Timeout(120)
class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "grantlab");
    private static final Instant BUILT = Instant.parse("2026-01-02T00:00:00Z");
    private static final String SAYS_HOW = """
            #!/bin/sh
            pwd
            printf '%s\\n' "$@"
            """;

    @TempDir
    private Path directory;

    private Path root;

    /** What the launcher printed, and how it ended. */
    private record Run(int exit, String out, String err) {}

    @BeforeEach
    void treeThatIsBuilt() throws IOException {
        root = directory.toRealPath().resolve("tree of sources");
        Path target = Files.createDirectories(root.resolve("cli/target"));
        Files.createDirectories(target.resolve("lib"));
        Files.copy(LAUNCHER, root.resolve("grantlab"));
        aged(root.resolve("pom.xml"), BUILT.minusSeconds(60));
        aged(root.resolve("cli/pom.xml"), BUILT.minusSeconds(60));
        aged(target.resolve("lib/.complete"), BUILT);
        aged(target.resolve("grantlab.aot.tried"), BUILT.plusSeconds(60));
    }

    private static void aged(Path file, Instant changed) throws IOException {
        Files.writeString(file, "");
        Files.setLastModifiedTime(file, FileTime.from(changed));
    }

    private Path jdk(int release) throws IOException {
        Path home = directory.resolve("jdk-" + release);
        Path bin = Files.createDirectories(home.resolve("bin"));
        for (String program : new String[] {"java", "javac"}) {
            Path file = Files.writeString(bin.resolve(program), SAYS_HOW);
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"" + release + ".0.1\"\n");
        return home;
    }

    private Run run(Path launcher, Path home, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", launcher.toString()));
        command.addAll(List.of(arguments));
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(
                        Files.createDirectories(directory.resolve("elsewhere")).toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("GRANTLAB_JAVA_HOME", home.toString());
        builder.environment().remove("GRANTLAB_JAVA_OPTS");
        int exit = builder.start().waitFor();
        return new Run(
                exit, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void commandRunsWhereItsCallerStandsWithWhatWasBuiltBesideTheLauncher() throws IOException, InterruptedException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), root.resolve("grantlab"));
        for (Path launcher : List.of(root.resolve("grantlab"), link)) {
            Run run = run(launcher, jdk(25), "run", "a script");
            assertThat(run.err()).isEmpty();
            assertThat(run.exit()).isZero();
            assertThat(run.out().lines())
                    .startsWith(directory.toRealPath().resolve("elsewhere").toString())
                    .containsSubsequence(
                            "--module-path", root.resolve("cli/target/lib").toString())
                    .endsWith("--module", "grantlab.cli/grantlab.cli.Grantlab", "run", "a script");
        }
    }

    @Test
    void jdkThatIsTooOldOrNoneIsRefusedByName() throws IOException, InterruptedException {
        for (Path home : List.of(jdk(17), directory.resolve("nothing"))) {
            Run run = run(root.resolve("grantlab"), home, "--version");
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).isEqualTo("grantlab: GRANTLAB_JAVA_HOME=" + home + " is no JDK 25 or newer.\n");
            assertThat(run.exit()).isEqualTo(2);
        }
    }

    @Test
    void touchedIsRefusedWhereNothingWasEdited() throws IOException, InterruptedException {
        Run run = run(root.resolve("grantlab"), jdk(25), "matrix", "--touched");
        assertThat(run.err()).isEqualTo("grantlab: nothing was edited since the last build: leave out --touched.\n");
        assertThat(run.exit()).isEqualTo(2);
    }
}
