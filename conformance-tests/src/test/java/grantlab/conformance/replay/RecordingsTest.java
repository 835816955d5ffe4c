package grantlab.conformance.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 set_version rc=0 v=2\n",
                "1 get_version rc=0 v=2\n",
                "1 rdent v2 flags=1 domid=0 w1=0 frame=0\n",
                "1 scan v2\n",
                "1 scan v2 8:1\n",
                "1 status word=0\n"
            })
    void shouldLeaveOutWhatShowsVersion2(String answer) throws IOException {
        record("a", "query_size\n", answers(answer));

        assertThat(Recordings.in(directory)).hasSize(1);
        assertThat(Recordings.ofVersion1In(directory)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 set_version rc=-16 v=1\n",
                "1 get_version rc=0 v=20\n",
                "1 scan v1\n",
                "1 status v1\n",
                "1 rdent v1 flags=1 domid=2 frame=d2.p2\n"
            })
    void shouldKeepWhatOnlyTriesVersion2(String answer) throws IOException {
        record("named_v2", "set_version v=2\n", answers(answer));

        assertThat(Recordings.ofVersion1In(directory)).hasSize(1);
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
