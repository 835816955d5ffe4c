package grantlab.conformance.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.conformance.record.FileOutcome.Recorded;
import grantlab.conformance.replay.Recording;
import grantlab.conformance.replay.Replay;
import grantlab.conformance.replay.ReplayReport;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * End to end on a real Xen, with {@code mvn -Pxen}: what is recorded now is what was recorded then, to the byte, and the
 * machine says the same.
 */
@Tag("xen")
class RealXenTest {
    /** Of every kind: PV, PVH, both; versions 1 and 2; options of Xen's command line; a crash; many operations. */
    private static final List<String> SCRIPTS = List.of(
            "hello",
            "map_v1",
            "copy_v1",
            "unmap_v1",
            "transfer_v1",
            "replace_v1",
            "cache_flush_v1",
            "maptrack_v1",
            "lifecycle_v1",
            "pv_memory",
            "pv_tlb",
            "dom",
            "domh",
            "pvh_overmap_v1",
            "setup_table_gframes",
            "version_maxver1",
            "transitive_off",
            "map_v2",
            "pvh_v2",
            "version",
            "subpage",
            "transitive",
            "lifecycle_v2",
            "questions_own_v1",
            "rand_pv1_001",
            "rand_pvh1_001",
            "rand_pvmix_006",
            "rand_pvhmix_009",
            "rand_pv2_003",
            "rand_pvh2_101",
            "rand_pvmix_001",
            "rand_pvhmix_001");

    @TempDir
    private Path directory;

    @Test
    void shouldRecordWhatWasRecordedAndTheMachineShouldAgree() throws IOException, URISyntaxException {
        List<Path> scripts = new ArrayList<>();
        for (String name : SCRIPTS) {
            scripts.add(Path.of(Objects.requireNonNull(
                            Recording.class.getResource("/grantlab/recordings/xen-4.17/" + name + ".txt"), name)
                    .toURI()));
        }
        List<FileOutcome> outcomes = new FileRecorder(new Recorder(RecorderSettings.usual()), 1)
                .record(ScriptFile.read(scripts, directory), () -> {});

        assertThat(outcomes)
                .hasSameSizeAs(SCRIPTS)
                .allSatisfy(outcome -> assertThat(outcome)
                        .isInstanceOfSatisfying(
                                Recorded.class,
                                recorded -> assertThat(recorded.answersFile())
                                        .hasSameBinaryContentAs(Recording.answersOf(recorded.script()))));
        ReplayReport report = new Replay(Settings.usual(), 1).replay(List.of(directory), file -> {});
        assertThat(report.agrees()).as(report.toString()).isTrue();
    }

    @Test
    void shouldSayThatTheHeadersAreOfAnotherRelease() throws IOException {
        RecorderSettings settings = RecorderSettings.usual();
        Path headers = directory.resolve("include");
        copy(settings.headers().resolve("xen"), headers.resolve("xen"));
        Path domctl = headers.resolve("xen/domctl.h");
        String text = Files.readString(domctl);
        String other = text.replaceFirst("(#define XEN_DOMCTL_INTERFACE_VERSION) .*", "$1 0x00000001");
        assertThat(other).isNotEqualTo(text);
        Files.writeString(domctl, other);

        Recorder recorder = new Recorder(settings.withHeaders(headers));
        assertThatThrownBy(() -> recorder.record("yield n=1\n"))
                .isInstanceOf(RecordingFailedException.class)
                .hasMessageContaining("this Xen is of another release than the headers");
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(from)) {
            files = found.toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file));
            if (Files.isDirectory(file)) {
                Files.createDirectories(target);
            } else {
                Files.copy(file, target);
            }
        }
    }
}
