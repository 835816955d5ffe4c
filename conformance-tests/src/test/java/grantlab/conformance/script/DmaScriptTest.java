package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.hypervisor.Settings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Devices in scripts: who owns how many, what they reach, and how it is told when they do not. */
class DmaScriptTest {
    private static List<String> answers(String iommu, String script) {
        List<String> answers = new ArrayList<>();
        Settings settings = Settings.usual().withIommu(iommu).withMemory("on-heap");
        try (Interpreter interpreter = new Interpreter(Script.parse("script", script), settings, answers::add)) {
            interpreter.check();
            interpreter.run();
            interpreter.machine().checkInvariants();
        }
        return answers;
    }

    @Test
    void shouldReachWhatIsMapped() {
        assertThat(answers("strict", """
            create dom=d1 type=pv
            create dom=d2 type=pvh devices=2
            @d1 fill addr=p2 val=0x500
            @d1 ent1 ref=9 flags=1 domid=d2 frame=p2
            @d2 dma_read addr=m0
            @d2 map addr=m0 flags=2 dom=d1 ref=9 out=v0
            @d2 dma_read addr=m0+8
            @d2 dma_read addr=m0+8 len=1 dev=1
            @d2 dma_write addr=m0+0xffc val=0x1122334455667788
            @d2 dma_write addr=m0+0xff8 val=7
            @d1 rd addr=p2+0xff8
            @d2 unmap addr=m0 h=v0
            @d2 dma_write addr=m0 val=7
            @d2 dma_read addr=p3 dev=2
            @d2 dma_write addr=p3 val=0xabcd
            @d2 rd addr=p3
            """))
                .containsExactly(
                        "1 create rc=0",
                        "2 create rc=0",
                        "3 fill ok",
                        "4 ent1 ok",
                        "5 dma_read fault=not_mapped",
                        "6 map rc=0 status=0 h=#0 dev=d1.p2",
                        "7 dma_read val=501",
                        "8 dma_read val=1",
                        "9 dma_write fault=not_mapped",
                        "10 dma_write ok",
                        "11 rd val=7",
                        "12 unmap rc=0 status=0",
                        "13 dma_write fault=not_mapped",
                        "14 dma_read nodevice",
                        "15 dma_write ok",
                        "16 rd val=abcd");
    }

    @Test
    void shouldUseMachineAddressesWhereBusEqualsMachine() {
        assertThat(answers("identity", """
            create dom=d1 type=pvh
            create dom=d2 type=pv devices=1
            @d1 fill addr=p2 val=0x500
            @d1 ent1 ref=9 flags=5 domid=d2 frame=p2
            @d2 dma_read addr=ma:d1.p2
            @d2 map addr=m0 flags=6 dom=d1 ref=9 out=v0
            @d2 dma_read addr=ma:d1.p2 len=0
            @d2 dma_read addr=ma:d1.p2
            @d2 dma_write addr=ma:d1.p2 val=1
            @d2 unmap addr=m0 h=v0
            @d2 dma_read addr=ma:d1.p2 len=0
            @d1 dma_read addr=p2
            """))
                .containsSubsequence(
                        "5 dma_read fault=not_mapped",
                        "6 map rc=0 status=0 h=#0 dev=d1.p2",
                        "7 dma_read ok",
                        "8 dma_read val=500",
                        "9 dma_write fault=not_writable",
                        "10 unmap rc=0 status=0",
                        "11 dma_read fault=not_mapped",
                        "12 dma_read nodevice");
    }

    @Test
    void shouldRefuseDevicesThatNothingServes() {
        assertThat(answers("identity", "create dom=d1 type=pvh devices=1\n"))
                .containsExactly("1 create rc=-22 at=createdomain");
        assertThat(answers("off", "create dom=d1 type=pv devices=256\n@d1 dma_write addr=ma:d0.p0 val=5\nrd addr=p0\n"))
                .containsExactly("1 create rc=0", "2 dma_write ok", "3 rd val=5");
    }

    @Test
    void shouldSayWhatWouldHaveBeenRight() {
        assertThatThrownBy(() -> answers("off", "create dom=d1 devices=257\n"))
                .isInstanceOf(ScriptException.class)
                .hasMessage("script:1: devices=257: expected 0..256");
        assertThatThrownBy(() -> answers("off", "dma_read dev=0\n"))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("dma_read needs addr=");
        assertThatThrownBy(() -> answers("off", "dma_read addr=p0 val=1\n"))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("dma_read has no key 'val='");
        assertThatThrownBy(() -> answers("off", "dma_write addr=p0 len=9\n"))
                .isInstanceOf(ScriptException.class)
                .hasMessage("script:1: len=9: expected 0..8");
    }
}
