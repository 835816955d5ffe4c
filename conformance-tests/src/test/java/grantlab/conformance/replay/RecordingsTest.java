package grantlab.conformance.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingsTest {
    @TempDir
    Path directory;

    private Path record(String name, String script, String answers) throws IOException {
        Path file = directory.resolve(name + ".txt");
        Files.writeString(file, script);
        Files.writeString(directory.resolve(name + ".res"), answers);
        return file;
    }

    private static String answers(String lines) {
        return "ORACLE-START\n" + lines + "ORACLE-END\n";
    }

    @Test
    void shouldTellWhichReleaseAnswered() throws IOException {
        Path named = record("named", "query_size\n", "# xen-release=4.20\n" + answers("1 query_size rc=0\n"));
        Path silent = record("silent", "query_size\n", answers("# xen-release=4.20\n1 query_size rc=0\n"));

        assertThat(Recording.read(named).release()).contains("4.20");
        assertThat(Recording.read(silent).release()).isEmpty();
    }

    @Test
    void shouldDropRemarks() throws IOException {
        Path file = record("a", "query_size\n", answers("# domain 1 stopped, flags 30106\n1 query_size rc=0\n"));

        assertThat(Recording.read(file).answers()).containsOnlyKeys(1);
    }

    @Test
    void shouldRefuseAScriptWithoutAnswers() throws IOException {
        Path file = Files.writeString(directory.resolve("a.txt"), "query_size\n");

        assertThatThrownBy(() -> Recording.read(file))
                .isInstanceOf(RecordingException.class)
                .hasMessage(file + ": there are no recorded answers: expected a.res beside it");
        assertThatThrownBy(() -> Recording.read(directory.resolve("b.txt")))
                .isInstanceOf(RecordingException.class)
                .hasMessageEndingWith("b.txt: there is no such script");
        assertThatThrownBy(() -> Recording.read(directory.resolve("b.res")))
                .isInstanceOf(RecordingException.class)
                .hasMessageEndingWith("b.res: a recording is named by its script, NAME.txt");
    }

    @Test
    void shouldRefuseAnswersThatAreNotWhole() throws IOException {
        Path cut = record("cut", "query_size\n", "ORACLE-START\n1 query_size rc=0\n");
        Path other = record("other", "query_size\n", "hello\n");
        Path strange = record("strange", "query_size\n", answers("query_size rc=0\n"));
        Path twice = record("twice", "query_size\n", answers("1 query_size rc=0\n1 query_size rc=0\n"));

        assertThatThrownBy(() -> Recording.read(cut))
                .hasMessageEndingWith("no ORACLE-END: this is no complete recording");
        assertThatThrownBy(() -> Recording.read(other))
                .hasMessageEndingWith("no ORACLE-START: this is no complete recording");
        assertThatThrownBy(() -> Recording.read(strange))
                .hasMessageEndingWith("expected a result line LINENO VERB ..., found 'query_size rc=0'");
        assertThatThrownBy(() -> Recording.read(twice)).hasMessageEndingWith("two results for line 1");
    }
}
