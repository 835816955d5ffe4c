package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptTest {
    @Test
    void shouldTakeALineApart() {
        Script script = Script.parse(
                "x.txt", "# title\n\n@d2 map addr=m0+8 flags=2\tdom=d1 ref=0x10 out=v3 # why\r\nrd addr=p1");

        assertThat(script.lines()).hasSize(2);
        Line line = script.lines().get(0);
        assertThat(line.number()).isEqualTo(3);
        assertThat(line.executor()).isEqualTo(2);
        assertThat(line.verb()).isEqualTo("map");
        assertThat(line.arguments())
                .isEqualTo(Map.of("addr", "m0+8", "flags", "2", "dom", "d1", "ref", "0x10", "out", "v3"));
        assertThat(script.lines().get(1).number()).isEqualTo(4);
        assertThat(script.lines().get(1).executor()).isZero();
    }

    @Test
    void shouldKeepAHashInsideOfAWord() {
        Script script = Script.parse("x.txt", "@1 unmap h=#3 addr=m0");

        assertThat(script.lines().get(0).arguments()).containsEntry("h", "#3").containsEntry("addr", "m0");
        assertThat(script.lines().get(0).executor()).isEqualTo(1);
    }

    @Test
    void shouldCollectXenOptions() {
        Script script =
                Script.parse("x.txt", "#!xen gnttab_max_frames=4 gnttab=max-ver:1\nyield\n#!xen gnttab=transitive=off");

        assertThat(script.xenOptions())
                .containsExactly("gnttab_max_frames=4", "gnttab=max-ver:1", "gnttab=transitive=off");
        assertThat(script.lines()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "@d1                | expected a verb: [@dK] VERB key=value ...",
                "addr=p0            | expected a verb: [@dK] VERB key=value ...",
                "@d1 @d2 rd         | expected a verb: [@dK] VERB key=value ...",
                "@dom1 rd           | '@dom1' names no domain: write @d0, @d1, ...",
                "@d1x rd            | '@d1x' names no domain: write @d0, @d1, ...",
                "rd p0              | expected key=value, found 'p0'",
                "rd =p0             | expected key=value, found '=p0'",
                "rd addr=p0 addr=p1 | 'addr=' is given twice",
            })
    void shouldRefuseWhatHasNotTheFormOfAnOperation(String line, String message) {
        assertThatThrownBy(() -> Script.parse("x.txt", "yield n=1\n" + line))
                .isInstanceOf(ScriptException.class)
                .hasMessage("x.txt:2: " + message);
    }

    @Test
    void shouldRefuseWhatTheRecorderCannotHold() {
        StringBuilder many = new StringBuilder("rd");
        for (int key = 0; key < 25; key++) {
            many.append(" k").append(key).append("=1");
        }
        assertThatThrownBy(() -> Script.parse("x.txt", many.toString()))
                .isInstanceOf(ScriptException.class)
                .hasMessage("x.txt:1: an operation has at most 24 arguments, this one has 25");

        String atLimit = "rd addr=" + "0".repeat(503);
        assertThat(Script.parse("x.txt", atLimit).lines()).hasSize(1);
        assertThatThrownBy(() -> Script.parse("x.txt", atLimit + "0"))
                .isInstanceOf(ScriptException.class)
                .hasMessage("x.txt:1: a line has at most 511 bytes, this one has 512");
    }
}
