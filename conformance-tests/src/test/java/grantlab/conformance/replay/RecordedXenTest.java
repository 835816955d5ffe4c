package grantlab.conformance.replay;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.script.Line;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
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
        return agreements(new Replayer(Settings.usual(), SHOWN), recordings());
    }

    /** Nothing is different on a machine that has trees, but that their operations are known (grant-v3.md, COEX-1). */
    @TestFactory
    Stream<DynamicTest> shouldAnswerAsXenBesideTrees() throws IOException, URISyntaxException {
        return agreements(new Replayer(Settings.usual().withGrantFormat("v3-tree"), SHOWN), recordings());
    }

    private static Stream<DynamicTest> agreements(Replayer replayer, List<Recording> recordings) {
        return recordings.stream()
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

    /** An operation that is no newcomer, or one that a newcomer accepts, is no agreement. */
    @Test
    void shouldExcuseOnlyNewcomersThatRefuse() throws IOException, URISyntaxException {
        Recording asks = recordings().stream()
                .filter(recording -> recording.file().endsWith("xen-4.17/batch_v1.txt"))
                .findFirst()
                .orElseThrow();
        Map<Integer, Line> lines =
                asks.script().lines().stream().collect(Collectors.toMap(Line::number, Function.identity()));
        Line newcomer = lines.get(209);
        Line known = lines.get(195);

        assertThat(newcomer.text()).isEqualTo("raw cmd=14 count=0");
        assertThat(Newcomers.refuse(newcomer, "209 raw rc=-38", "209 raw rc=-22"))
                .isTrue();
        assertThat(Newcomers.refuse(newcomer, "209 raw rc=-38", "209 raw rc=0")).isFalse();
        assertThat(Newcomers.refuse(newcomer, "209 raw rc=0", "209 raw rc=-22")).isFalse();
        assertThat(known.text()).isEqualTo("raw cmd=7 count=0");
        assertThat(Newcomers.refuse(known, "195 raw rc=-38", "195 raw rc=-22")).isFalse();
    }
}
