package grantlab.conformance.record;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.replay.Recording;
import grantlab.conformance.replay.Recordings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Whether nothing is missing in a recording is judged alike for new ones and for those that are there. */
class CompletenessTest {
    private static List<Recording> recordings() throws IOException, URISyntaxException {
        return Recordings.in(
                Path.of(Objects.requireNonNull(Recording.class.getResource("/grantlab/recordings/xen-4.17/hello.txt"))
                                .toURI())
                        .resolveSibling(""));
    }

    @Test
    void shouldFindNoGapInWhatWasRecorded() throws IOException, URISyntaxException {
        assertThat(recordings())
                .isNotEmpty()
                .allSatisfy(recording -> assertThat(Completeness.gap(recording.script(), recording.answers()))
                        .isEmpty());
    }

    @Test
    void shouldMissEveryAnswerOfWhatWasRecorded() throws IOException, URISyntaxException {
        Recording recording = recordings().getFirst();
        for (int line : recording.answers().keySet()) {
            Map<Integer, String> answers = new HashMap<>(recording.answers());
            answers.remove(line);
            assertThat(Completeness.gap(recording.script(), answers))
                    .hasValue("Xen left line " + line + " without an answer");
        }
    }
}
