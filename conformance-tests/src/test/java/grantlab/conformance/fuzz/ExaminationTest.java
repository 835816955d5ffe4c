package grantlab.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.script.Script;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scripts that campaigns found, in which the machine was right and its auditor was not. */
class ExaminationTest {
    private static void expectNothing(String text) throws IOException {
        Script script = Script.parse("found", text);
        Examination examination = new Examination(
                Settings.usual(), Installed.find(), Combination.of(List.of("on-heap", "checked")), null);
        assertThat(examination.examine(script, text, new ArrayList<>())).isEmpty();
    }

    /** Bit 6 is the hypervisor's in tombstones alone (grant-v3.md, section 3): in a leaf that its granter made of one it stays. */
    @Test
    void aTombstoneThatItsGranterMakesALeafKeepsItsBit() throws IOException {
        expectNothing("""
                create dom=d2
                create dom=d3
                @d3 node page=p38 frame=p39
                @d3 node page=p39 frame=p40
                @d3 v3_tree_create peer=d2 levels=3 root_gfn=p38 out=v216 flags=REVOCABLE_ONLY|REVOKE_ON_DEATH
                @d3 leaf page=p40 index=1 frame=p0
                @d2 v3_map peer=d3 ref=v216+1 dest=pte:m6+8 flags=786
                @d3 v3_revoke tree=v216 flags=FORCE|WHOLE_TREE
                @d3 leaf page=p40 index=1 keep=1 type=2
                destroy dom=d2
                """);
    }
}
