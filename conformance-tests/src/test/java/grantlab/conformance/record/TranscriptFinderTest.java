package grantlab.conformance.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.conformance.record.SerialOutput.End;
import grantlab.conformance.script.Script;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TranscriptFinderTest {
    private static final Script SCRIPT = Script.parse("a.txt", "yield n=1\nyield n=2\n");

    private static Transcript find(String text, End end) {
        return new TranscriptFinder(SCRIPT, Duration.ofMinutes(5), new SerialOutput(text, "", end)).find();
    }

    @Test
    void shouldSayHowFarARunCameThatTookTooLong() {
        assertThatThrownBy(() -> find("ORACLE-START xen-4.17\r\n1 yield ok\r\n", End.OUT_OF_TIME))
                .isInstanceOf(RecordingFailedException.class)
                .hasMessage("a.txt: Xen did not come to the end of the script; it stopped after the answer"
                        + " '1 yield ok': it was ended after 300.0 s");
        assertThatThrownBy(() -> find("SeaBIOS\r\n", End.OUT_OF_TIME))
                .isInstanceOf(RecordingFailedException.class)
                .hasMessage("a.txt: Xen did not come as far as the script: it was ended after 300.0 s");
        assertThatThrownBy(() -> find("", End.BY_ITSELF))
                .isInstanceOf(RecordingFailedException.class)
                .hasMessage("a.txt: Xen did not come as far as the script: QEMU ended and said nothing");
    }

    /** What is asked for is there; that the machine would not end afterwards changes nothing about it. */
    @Test
    void shouldTakeAWholeTranscriptHoweverTheMachineEnded() {
        assertThat(find("ORACLE-START\n1 yield ok\n2 yield ok\nORACLE-END\n", End.OUT_OF_TIME)
                        .answers())
                .isEqualTo(2);
    }
}
