package grantlab.conformance.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final String SCRIPT = """
        # a small recording
        ent1 ref=9 flags=1 domid=d0 frame=p2
        map addr=m0 flags=2 dom=d0 ref=9 out=v0
        unmap addr=m0 h=v0
        """;

    private static final String ANSWERS = """
        ORACLE-START
        2 ent1 ok
        3 map rc=0 status=0 h=#0 dev=d0.p2
        4 unmap rc=0 status=0
        ORACLE-END
        """;

    private final Replay replay = new Replay(Settings.usual(), 10);

    @TempDir
    Path directory;

    private Path record(String name, String answers) throws IOException {
        Path file = Files.writeString(directory.resolve(name + ".txt"), SCRIPT);
        Files.writeString(directory.resolve(name + ".res"), answers);
        return file;
    }

    @Test
    void shouldReportAgreement() throws IOException {
        Path a = record("a", ANSWERS);
        Path b = record("b", ANSWERS);
        List<FileReport> progress = new ArrayList<>();

        ReplayReport report = replay.replay(List.of(directory), progress::add);

        assertThat(report.agrees()).isTrue();
        assertThat(report.files())
                .extracting(FileReport::toString)
                .containsExactly(a + " ops=3 agree=3", b + " ops=3 agree=3");
        assertThat(report).hasToString("total files=2 ops=6 agree=6");
        assertThat(progress).isEqualTo(report.files());
    }

    @Test
    void shouldNoticeAChangedAnswer() throws IOException {
        Path file = record("a", ANSWERS.replace("4 unmap rc=0 status=0", "4 unmap rc=0 status=-4"));

        ReplayReport report = replay.replay(List.of(file), ignored -> {});

        assertThat(report.agrees()).isFalse();
        assertThat(report).hasToString("total files=1 ops=3 agree=2");
        assertThat(report.files().get(0).differences())
                .containsExactly(new Difference(
                        file, 4, "unmap addr=m0 h=v0", "4 unmap rc=0 status=-4", "4 unmap rc=0 status=0"));
        assertThat(report.files().get(0).differences().get(0))
                .hasToString(file
                        + ":4: unmap addr=m0 h=v0\n"
                        + "  expected 4 unmap rc=0 status=-4\n"
                        + "  got      4 unmap rc=0 status=0");
    }

    @Test
    void shouldNoticeAMissingAndASurplusAnswer() throws IOException {
        Path missing = record("missing", ANSWERS.replace("3 map rc=0 status=0 h=#0 dev=d0.p2\n", ""));
        Path surplus = record("surplus", ANSWERS.replace("ORACLE-END", "5 yield ok\nORACLE-END"));

        ReplayReport report = replay.replay(List.of(missing, surplus), ignored -> {});

        assertThat(report.files().get(0).agrees()).isFalse();
        assertThat(report.files().get(0)).hasToString(missing + " ops=2 agree=2");
        assertThat(report.files().get(0).differences().get(0).expected()).isEqualTo("(no answer)");
        assertThat(report.files().get(1).agrees()).isFalse();
        assertThat(report.files().get(1)).hasToString(surplus + " ops=4 agree=3");
        assertThat(report.files().get(1).differences().get(0).got()).isEqualTo("(no answer)");
    }

    @Test
    void shouldNotSucceedWithNothing() throws IOException {
        assertThat(new ReplayReport(List.of()).agrees()).isFalse();
        assertThatThrownBy(() -> replay.replay(List.of(directory), ignored -> {}))
                .isInstanceOf(RecordingException.class)
                .hasMessage(directory + ": no script *.txt in this directory, so there is nothing to replay");

        Files.writeString(directory.resolve("empty.txt"), "# nothing\n");
        Files.writeString(directory.resolve("empty.res"), "ORACLE-START\nORACLE-END\n");
        ReplayReport report = replay.replay(List.of(directory), ignored -> {});
        assertThat(report.agrees()).isFalse();
        assertThat(report).hasToString("total files=1 ops=0 agree=0");
    }
}
