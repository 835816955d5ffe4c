package grantlab.conformance.replay;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every answer of Xen 4.17 and 4.20 in every recording is given here too. */
class RecordedXenTest {
    private static final int SHOWN = 10;

    static List<Recording> recordings() throws IOException, URISyntaxException {
        return Recordings.in(
                Path.of(Objects.requireNonNull(Recording.class.getResource("/grantlab/recordings/xen-4.17/hello.txt"))
                                .toURI())
                        .resolveSibling("..")
                        .normalize());
    }

    @Test
    void shouldHaveTheRecordings() throws IOException, URISyntaxException {
        assertThat(recordings().stream().filter(recording -> recording.release().isEmpty()))
                .as("of Xen 4.17")
                .hasSizeGreaterThanOrEqualTo(211);
        assertThat(recordings().stream().filter(recording -> recording.release().equals(Optional.of("4.20"))))
                .as("of Xen 4.20")
                .hasSizeGreaterThanOrEqualTo(157);
    }

    @TestFactory
    Stream<DynamicTest> shouldAnswerAsXen() throws IOException, URISyntaxException {
        Replayer replayer = new Replayer(Settings.usual(), SHOWN);
        return recordings().stream()
                .map(recording -> DynamicTest.dynamicTest(recording.toString(), () -> {
                    FileReport report = replayer.replay(recording);
                    assertThat(report.differences()).isEmpty();
                    assertThat(report.surplus()).isZero();
                    assertThat(report.ops())
                            .isPositive()
                            .isEqualTo(recording.answers().size());
                    assertThat(report.agreements()).isEqualTo(report.ops());
                    assertThat(report.agrees()).isTrue();
                }));
    }
}
