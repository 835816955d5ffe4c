package grantlab.conformance.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import grantlab.conformance.script.ScriptException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecorderTest {
    private static final String SCRIPT = "# two\nquery_size\n\nrd addr=p0\n";

    @TempDir
    private Path directory;

    private FakeLaboratory laboratory;

    @BeforeEach
    void setUp() throws IOException {
        laboratory = FakeLaboratory.in(directory);
    }

    private Transcript record(String script) throws IOException {
        return new Recorder(laboratory.settings()).record(script);
    }

    private RecordingFailedException failure(String script) {
        return catchThrowableOfType(RecordingFailedException.class, () -> record(script));
    }

    // ---- what comes back

    @Test
    void shouldFindTheAnswersAmongWhatXenSays() throws IOException {
        laboratory.emulatorThatPrints(
                "SeaBIOS",
                "(XEN) Xen version 4.17",
                "(XEN) somethingORACLE-START xen-4.17",
                "2 query_size rc=0 status=0 nr=1 max=64",
                "(XEN) grant_table.c:1234: a warning",
                "4 rd val=0",
                "ORACLE-END",
                "(XEN) Hardware Dom0 shutdown: rebooting machine");
        Transcript transcript = record(SCRIPT);
        assertThat(transcript.text())
                .isEqualTo("ORACLE-START\n2 query_size rc=0 status=0 nr=1 max=64\n4 rd val=0\nORACLE-END\n");
        assertThat(transcript.answers()).isEqualTo(2);
        assertThat(transcript.recording().answers()).containsEntry(4, "4 rd val=0");
        assertThat(transcript.recording().release()).isEmpty();
    }

    @Test
    void shouldSayWhichReleaseAnsweredUnlessItIsTheUsualOne() throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START xen-4.20", "1 yield ok", "ORACLE-END");
        Transcript transcript = record("yield\n");
        assertThat(transcript.text()).isEqualTo("# xen-release=4.20\nORACLE-START\n1 yield ok\nORACLE-END\n");
        assertThat(transcript.recording().release()).hasValue("4.20");
    }

    @Test
    void shouldKeepRemarksAlsoInsideOfAnAnswer() throws IOException {
        laboratory.emulatorThatPrints(
                "ORACLE-START",
                "# before",
                "2 query_size rc=0",
                "4 rd# domain 1 stopped, flags 12",
                " stopped",
                "ORACLE-END");
        Transcript transcript = record(SCRIPT);
        assertThat(transcript.text()).contains("# before\n").contains("4 rd# domain 1 stopped, flags 12\n stopped\n");
        assertThat(transcript.answers()).isEqualTo(2);
        assertThat(transcript.recording().answers()).containsEntry(4, "4 rd stopped");
    }

    @Test
    void shouldTellWhenAnAnswerBegins() throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START", "2 query_size rc=0", "# 3", "4 rd val=0", "ORACLE-END");
        AtomicInteger answers = new AtomicInteger();
        new Recorder(laboratory.settings()).record("a.txt", SCRIPT, answers::incrementAndGet);
        assertThat(answers).hasValue(2);
    }

    @Test
    void shouldTakeOneAnswerForABatchThatXenRefused() throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START", "1 batch bad", "4 yield ok", "ORACLE-END");
        assertThat(record("batch n=2\n@d1 swap a=1 b=2\n@d1 swap a=1 b=2\nyield\n")
                        .answers())
                .isEqualTo(2);
    }

    // ---- what QEMU is given

    @Test
    void shouldGiveTheGuestTheScriptAndXenItsOptions() throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START", "2 yield ok", "ORACLE-END");
        record("#!xen gnttab_max_frames=4 gnttab=max-ver:1\nyield n=1 # ü\n");
        assertThat(directory.resolve("given"))
                .hasContent("#!xen gnttab_max_frames=4 gnttab=max-ver:1\nyield n=1 # ü\n");
        assertThat(laboratory.called())
                .containsSubsequence("-machine", "pc,accel=tcg", "-serial", "stdio", "-no-reboot")
                .containsSubsequence("-kernel", directory.resolve("xen").toString(), "-append")
                .containsSubsequence("-initrd", "guest,script")
                .anySatisfy(word ->
                        assertThat(word).contains("dom0_mem=48M").endsWith(" gnttab_max_frames=4 gnttab=max-ver:1"));
    }

    @Test
    void shouldUnpackACompressedHypervisor() throws IOException {
        Path packed = directory.resolve("xen.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write("unpacked".getBytes(StandardCharsets.UTF_8));
        }
        laboratory.emulatorThatPrints("ORACLE-START", "1 yield ok", "ORACLE-END");
        new Recorder(laboratory.settings().withXen(packed)).record("yield\n");
        String kernel = laboratory.called().get(laboratory.called().indexOf("-kernel") + 1);
        assertThat(Path.of(kernel)).hasContent("unpacked").hasParent(directory.resolve("cache"));
    }

    @Test
    void shouldSayThatAHypervisorCannotBeUnpacked() throws IOException {
        Path broken = directory.resolve("xen.gz");
        Files.write(broken, new byte[] {0x1f, (byte) 0x8b, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7});
        Recorder recorder = new Recorder(laboratory.settings().withXen(broken));
        assertThatThrownBy(() -> recorder.record("yield\n"))
                .isInstanceOf(RequirementException.class)
                .hasMessageContaining("xen.gz cannot be unpacked");
    }

    // ---- the guest

    @Test
    void shouldCompileTheGuestOnlyWhenSomethingHasChanged() throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START", "1 yield ok", "ORACLE-END");
        record("yield\n");
        record("yield\n");
        assertThat(laboratory.compiled()).isEqualTo(1);
        Files.writeString(directory.resolve("include/xen/domctl.h"), "/* another release's */\n");
        record("yield\n");
        assertThat(laboratory.compiled()).isEqualTo(2);
    }

    @Test
    void shouldSayWhyTheGuestCannotBeCompiled() throws IOException {
        laboratory.compilerThat(
                "echo 'In file included from guest.h:9:'; echo 'guest.h:12: error: no such header' >&2; exit 1");
        assertThatThrownBy(() -> record("yield\n"))
                .isInstanceOf(RequirementException.class)
                .hasMessageContaining(directory.resolve("gcc").toString())
                .hasMessageContaining(directory.resolve("include").toString())
                .hasMessageEndingWith("guest.h:12: error: no such header");
        assertThat(directory.resolve("cache")).isEmptyDirectory();
    }

    @Test
    void shouldRefuseACompilerThatIsNone() throws IOException {
        Path program = directory.resolve("gcc");
        Files.writeString(program, "#!/bin/sh\nexit 3\n");
        assertThatThrownBy(() -> record("yield\n"))
                .isInstanceOf(RequirementException.class)
                .hasMessageContaining("is no gcc");
    }

    // ---- what is refused before anything starts

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fly dom=d1                  | script:1: there is no verb 'fly'
        map addr=m64                | script:1: addr=m64
        ent3 ref=1                  | script:1: there is no verb 'ent3'
        batch n=2                   | script:1: the batch wants 2 lines
        #!xen colour=blue           | script: #!xen option 'colour=blue' means nothing here
        # nothing                   | script: the script has no operation
        """)
    void shouldRefuseAScriptThatIsNotRight(String script, String message) {
        assertThatThrownBy(() -> record(script))
                .isInstanceOf(ScriptException.class)
                .hasMessageStartingWith(message);
        assertThat(laboratory.wasCalled()).isFalse();
    }

    @Test
    void shouldKnowTheEntriesOfBothVersionsWhateverIsInstalled() throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START", "1 ent1 ok", "2 ent2 ok", "3 ent2t ok", "4 ent ok", "ORACLE-END");
        assertThat(record("""
                        ent1 ref=8 flags=1 domid=d1 frame=p0
                        ent2 ref=8 flags=1 domid=d1 off=1 len=2 frame=p0
                        ent2t ref=8 flags=3 domid=d1 tdom=d2 gref=9 pad=0
                        ent ref=8 flags=1 domid=d1 frame=p0
                        """).answers()).isEqualTo(4);
    }

    // ---- runs that fail

    @Test
    void shouldEndARunThatTakesTooLong() throws IOException {
        laboratory.emulatorThat("echo ORACLE-START", "sleep 600 & wait");
        Recorder recorder = new Recorder(laboratory.settings().withTimeout(Duration.ofMillis(700)));
        assertThatThrownBy(() -> recorder.record(SCRIPT))
                .isInstanceOf(RecordingFailedException.class)
                .hasMessageStartingWith("script: Xen did not come ")
                .hasMessageEndingWith(": it was ended after 0.7 s");
    }

    @Test
    void shouldRepeatWhatQemuComplainsOf() throws IOException {
        laboratory.emulatorThat("echo 'qemu: could not load kernel' >&2", "exit 1");
        RecordingFailedException failure = failure(SCRIPT);
        assertThat(failure).hasMessage("script: Xen did not come as far as the script: qemu: could not load kernel");
        assertThat(failure.log()).contains("could not load kernel");
    }

    @Test
    void shouldSayThatXenCrashed() throws IOException {
        laboratory.emulatorThatPrints(
                "ORACLE-START", "2 query_size rc=0", "(XEN) Panic on CPU 0:", "(XEN) FATAL PAGE FAULT");
        RecordingFailedException failure = failure(SCRIPT);
        assertThat(failure)
                .hasMessage("script: Xen did not come to the end of the script; it stopped after the answer"
                        + " '2 query_size rc=0': (XEN) FATAL PAGE FAULT");
        assertThat(failure.log()).contains("Panic on CPU 0");
    }

    @Test
    void shouldSayThatTheGuestGaveUp() throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START", "", "ORACLE-DIED page table walk 39");
        assertThat(failure(SCRIPT)).hasMessage("script: the guest gave up before the first answer: page table walk 39");
    }

    @Test
    void shouldRefuseGarbageBetweenAnswers() throws IOException {
        laboratory.emulatorThatPrints(
                "ORACLE-START", "2 query_size rc=0", "\u0001?garbage", "4 rd val=0", "ORACLE-END");
        assertThat(failure(SCRIPT)).hasMessageContaining("expected a result line");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        2 query_size rc=0 | 5 rd val=0   | Xen left line 4 without an answer
        2 query_size rc=0 | 4 wr ok      | expected an answer '4 rd ...', Xen gave '4 wr ok'
        2 query_size rc=0 | 4 rdent v1   | expected an answer '4 rd ...', Xen gave '4 rdent v1'
        4 rd val=0        | 4 rd val=0   | two results for line 4
        """)
    void shouldRefuseAnswersThatAreNotThoseOfTheScript(String first, String second, String message) throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START", first, second, "ORACLE-END");
        assertThat(failure(SCRIPT)).hasMessageContaining(message);
    }

    @Test
    void shouldRefuseAnAnswerThatNobodyAskedFor() throws IOException {
        laboratory.emulatorThatPrints("ORACLE-START", "2 query_size rc=0", "3 rd val=0", "4 rd val=0", "ORACLE-END");
        assertThat(failure(SCRIPT)).hasMessage("script: Xen answered a line that is no operation: '3 rd val=0'");
    }

    @Test
    void shouldEndAGuestThatNeverStopsPrinting() throws IOException {
        laboratory.emulatorThat("echo ORACLE-START", "exec yes '# and so on'");
        assertThat(failure(SCRIPT)).hasMessageEndingWith("it printed more than 67108864 bytes");
    }

    @Test
    void shouldLeaveNoProcessBehind() throws IOException {
        Path child = directory.resolve("child");
        laboratory.emulatorThat("sleep 600 &", "echo $! > " + child, "exec yes '# and so on'");
        assertThat(failure(SCRIPT)).isNotNull();
        Optional<ProcessHandle> left =
                ProcessHandle.of(Long.parseLong(Files.readString(child).strip()));
        left.ifPresent(process -> assertThat(process.onExit()).succeedsWithin(Duration.ofMinutes(2)));
    }
}
