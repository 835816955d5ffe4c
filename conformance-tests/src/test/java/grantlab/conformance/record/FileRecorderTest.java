package grantlab.conformance.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.conformance.record.FileOutcome.Before;
import grantlab.conformance.record.FileOutcome.Failed;
import grantlab.conformance.record.FileOutcome.Recorded;
import grantlab.conformance.replay.Recording;
import grantlab.conformance.replay.RecordingException;
import grantlab.conformance.script.ScriptException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRecorderTest {
    private static final String WHOLE = "ORACLE-START\n1 yield ok\nORACLE-END\n";

    @TempDir
    private Path directory;

    private FakeLaboratory laboratory;
    private Path scripts;

    @BeforeEach
    void setUp() throws IOException {
        laboratory = FakeLaboratory.in(Files.createDirectory(directory.resolve("laboratory")));
        scripts = Files.createDirectory(directory.resolve("scripts"));
        // A script that says so makes Xen fall silent.
        laboratory.emulatorThat("echo ORACLE-START; grep -q silent script && exit; echo 1 yield ok; echo ORACLE-END");
    }

    private Path script(String name, String text) throws IOException {
        return Files.writeString(scripts.resolve(name), text);
    }

    private List<FileOutcome> record(@Nullable Path output, Path... files) throws IOException {
        List<ScriptFile> read = ScriptFile.read(List.of(files), output);
        return new FileRecorder(new Recorder(laboratory.settings()), 2).record(read, () -> {});
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void shouldPutTheAnswersBesideTheScript() throws IOException {
        Path a = script("a.txt", "yield\n");
        Path b = script("b.txt", "yield n=2\n");
        assertThat(record(null, a, b))
                .containsExactly(
                        new Recorded(a, scripts.resolve("a.res"), 1, Before.NOTHING),
                        new Recorded(b, scripts.resolve("b.res"), 1, Before.NOTHING));
        assertThat(names(scripts)).containsExactly("a.res", "a.txt", "b.res", "b.txt");
        assertThat(Recording.read(a).answers()).containsEntry(1, "1 yield ok");
    }

    @Test
    void shouldPutWholeRecordingsIntoAnotherDirectory() throws IOException {
        Path output = directory.resolve("new/recordings");
        record(output, script("a.txt", "yield\n"));
        assertThat(names(output)).containsExactly("a.res", "a.txt");
        assertThat(output.resolve("a.txt")).hasContent("yield\n");
        assertThat(names(scripts)).containsExactly("a.txt");
    }

    @Test
    void shouldSayWhatStoodThereBefore() throws IOException {
        Path a = script("a.txt", "yield\n");
        Path answers = Files.writeString(scripts.resolve("a.res"), "ORACLE-START\n1 yield no\nORACLE-END\n");
        assertThat(record(null, a)).containsExactly(new Recorded(a, answers, 1, Before.OTHERS));
        assertThat(answers).hasContent(WHOLE);
        assertThat(record(null, a)).containsExactly(new Recorded(a, answers, 1, Before.THE_SAME));
        assertThat(record(null, a).getFirst()).hasToString(answers + " answers=1 (as before)");
    }

    @Test
    void shouldKeepWhatStoodThereWhenXenDoesNotFinish() throws IOException {
        Path a = script("a.txt", "yield # silent\n");
        Path b = script("b.txt", "yield\n");
        Path answers = Files.writeString(scripts.resolve("a.res"), "as it was");
        List<FileOutcome> outcomes = record(null, a, b);
        Path log = scripts.resolve("a.txt.failed.log");
        assertThat(outcomes.getFirst()).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.reason()).startsWith(a + ": Xen did not come to the end of the script");
            assertThat(failed.log()).isEqualTo(log).content().contains("ORACLE-START");
        });
        assertThat(outcomes.getLast()).isInstanceOf(Recorded.class);
        assertThat(answers).hasContent("as it was");

        Files.writeString(a, "yield\n");
        record(null, a);
        assertThat(log).doesNotExist();
    }

    @Test
    void shouldRefuseWhatWouldGetInTheWayOfSomethingElse() throws IOException {
        Path a = script("a.txt", "yield\n");
        Path other = Files.writeString(
                Files.createDirectory(scripts.resolve("other")).resolve("a.txt"), "yield n=3\n");
        Path output = directory.resolve("output");
        assertThatThrownBy(() -> record(output, a, other))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("its recording would go where that of " + a + " goes");
        assertThatThrownBy(() -> record(scripts, other))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("another script of that name stands in " + scripts);
        assertThat(laboratory.wasCalled()).isFalse();
        assertThat(output).doesNotExist();
    }

    @Test
    void shouldRefuseWhatIsNoScript() throws IOException {
        Path nameless = script("a.script", "yield\n");
        assertThatThrownBy(() -> record(null, nameless))
                .isInstanceOf(RecordingException.class)
                .hasMessageContaining("NAME.txt");
        assertThatThrownBy(() -> record(null, scripts))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("this is a directory");
    }

    @Test
    void shouldLookAtAllScriptsBeforeOneIsRecorded() throws IOException {
        Path good = script("a.txt", "yield\n");
        Path bad = script("b.txt", "fly\n");
        assertThatThrownBy(() -> record(null, good, bad)).isInstanceOf(ScriptException.class);
        assertThat(names(scripts)).containsExactly("a.txt", "b.txt");
    }
}
