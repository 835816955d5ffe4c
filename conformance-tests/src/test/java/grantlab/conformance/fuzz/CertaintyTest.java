package grantlab.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What shows which free frame an allocation got is taken out of scripts for Xen, and nothing else. */
class CertaintyTest {
    private final Certainty certainty = new Certainty(Settings.usual(), Installed.find());

    @Test
    void shouldKeepWhatIsCertain() {
        String script = """
                create
                @d1 ent ref=9 flags=0x1 domid=d0 frame=p5
                batch n=2 count=1
                map addr=m3 ref=9 dom=d1 out=v1
                map addr=m4 ref=9 dom=d1 out=v2
                unmap addr=m3 h=v1
                @d1 memop sub=decrease frame=p26
                """;
        assertThat(certainty.of(script)).isEqualTo(script);
    }

    /** The last line of each was once a difference from Xen. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                create
                create dom=d2
                destroy dom=d2
                create dom=d3
                cache_flush dev=ma:d2.p2
                """,
                """
                ent ref=10 frame=p1
                memop sub=populate frame=p1
                rdent ref=10
                """,
                """
                create
                @d1 setpte addr=p26
                @d1 memop sub=decrease frame=p26
                @d1 setup nr=15
                @d1 memop sub=decrease frame=p26
                """,
                """
                create dom=d2
                create dom=d5
                destroy dom=d2
                @d5 setpte addr=p3
                @d5 memop sub=decrease frame=p3
                @d5 ent ref=15 frame=p3
                memop sub=populate frame=p46
                rdent tab=d5 ref=15
                """,
                """
                create
                create dom=d2
                @d2 ent ref=9 flags=0x1 domid=d1 frame=p5
                @d1 ent ref=21 flags=0x1 domid=d1 frame=p5
                @d1 map addr=pte:m34+0 flags=18 dom=d2 ref=9 out=v15
                @d1 map addr=m34 ref=21
                destroy dom=d2
                @d1 unmap addr=pte:m34+0 h=v15
                """,
            })
    void shouldTakeOutWhatIsLeftToChance(String script) {
        String certain = script.substring(0, script.lastIndexOf('\n', script.length() - 2) + 1);
        assertThat(certainty.of(script)).isEqualTo(certain);
        assertThat(new CertainScripts(new Generator(Audience.XEN), certainty).accepts(script))
                .isFalse();
        assertThat(new CertainScripts(new Generator(Audience.XEN), certainty).accepts(certain))
                .isTrue();
    }
}
