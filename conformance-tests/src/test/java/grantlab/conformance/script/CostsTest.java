package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.script.ScriptRunner.Remark;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What operations took: each number by hand, from what the operation is. */
class CostsTest {
    private static final List<String> SCRIPT = List.of(
            "create dom=d1 type=pv",
            "create dom=d2 type=pvh devices=1",
            "@d1 ent1 ref=9 flags=1 domid=d0 frame=p2",
            "@d1 ent1 ref=10 flags=1 domid=d2 frame=p3",
            "map addr=m0 flags=2 dom=d1 ref=9 out=v0",
            "@d2 map addr=m0 flags=2 dom=d1 ref=10 out=v1",
            "copy flags=1 sdom=d1 src=9 dst=p5 len=64",
            "rd addr=m5",
            "@d2 rd addr=m5",
            "rdent tab=d1 ref=9",
            "batch n=2",
            "map addr=m1 flags=2 dom=d1 ref=9 out=v2",
            "map addr=m2 flags=2 dom=d1 ref=11 out=v3",
            "unmap addr=m0 h=v0",
            "unmap addr=m1 h=v2",
            "@d2 unmap addr=m0 h=v1",
            "@d1 fill addr=p2 val=1",
            "destroy dom=d1");

    private static List<String> run(Settings settings, List<String> script, Remark... remarks) throws IOException {
        StringBuilder output = new StringBuilder();
        new ScriptRunner(settings.withMemory("on-heap"), remarks)
                .run(Script.parse("x.txt", String.join("\n", script)), output);
        return output.toString().lines().toList();
    }

    @Test
    void shouldTellWhatEachOperationTookAndAllOfAVerb() throws IOException {
        List<String> lines = run(Settings.usual().withIommu("strict"), SCRIPT, Remark.COSTS);
        assertThat(lines.stream().filter(line -> line.startsWith("#")).map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "# line calls exits entries flushes IOTLB drains copied mapped",
                        "# 1 d0 create 0 0 0 0 0 0 0 0",
                        "# 2 d0 create 0 0 0 0 0 0 0 0",
                        "# 3 d1 ent1 0 0 1 0 0 0 0 0",
                        "# 4 d1 ent1 0 0 1 0 0 0 0 0",
                        "# 5 d0 map 1 1 1 0 0 0 0 1",
                        "# 6 d2 map 1 1 1 0 0 0 0 2",
                        "# 7 d0 copy 1 1 0 0 0 0 64 2",
                        "# 8 d0 rd 0 1 0 0 0 0 0 2",
                        "# 9 d2 rd 0 1 0 0 0 0 0 2",
                        "# 10 d0 rdent 0 0 0 0 0 0 0 2",
                        "# 12-13 d0 2 x map 1 1 0 0 0 0 0 3",
                        "# 14 d0 unmap 1 1 0 1 0 0 0 2",
                        "# 15 d0 unmap 1 1 1 1 0 0 0 1",
                        "# 16 d2 unmap 1 1 1 1 1 1 0 0",
                        "# 17 d1 fill 0 0 0 0 0 0 0 0",
                        "# 18 d0 destroy 0 0 0 1 0 0 0 0",
                        "# calls of calls exits entries flushes IOTLB drains copied",
                        "# 2 create 0 0 0 0 0 0 0",
                        "# 2 ent1 0 0 2 0 0 0 0",
                        "# 3 map 3 3 2 0 0 0 0",
                        "# 1 copy 1 1 0 0 0 0 64",
                        "# 2 rd 0 2 0 0 0 0 0",
                        "# 1 rdent 0 0 0 0 0 0 0",
                        "# 3 unmap 3 3 2 3 1 1 0",
                        "# 1 fill 0 0 0 0 0 0 0",
                        "# 1 destroy 0 0 0 1 0 0 0",
                        "# all 7 9 6 4 1 1 64 0");
    }

    @Test
    void shouldAnswerAsWithoutCosts() throws IOException {
        Settings settings = Settings.usual().withIommu("strict");
        assertThat(run(settings, SCRIPT, Remark.COSTS).stream().filter(line -> !line.startsWith("#")))
                .isEqualTo(run(settings, SCRIPT))
                .hasSize(18);
    }

    @Test
    void shouldCountLeavesOfTreesAndWhatTheHypervisorMarksThere() throws IOException {
        List<String> lines = run(
                Settings.usual().withGrantFormat("v3-tree"),
                List.of(
                        "create dom=d1 type=pvh",
                        "@d1 v3_tree_create peer=d0 root_gfn=p0 out=v0",
                        "@d1 leaf page=p0 index=3 frame=p2 w=1",
                        "v3_map peer=d1 ref=v0+3 dest=pte:m0 out=v1",
                        "v3_unmap handle=v1"),
                Remark.COSTS);
        assertThat(lines.stream().filter(line -> line.startsWith("#")).map(line -> line.replaceAll(" +", " ")))
                .contains(
                        "# 2 d1 v3_tree_create 1 1 0 0 0 0 0 0",
                        "# 3 d1 leaf 0 0 1 0 0 0 0 0",
                        "# 4 d0 v3_map 1 1 1 0 0 0 0 1",
                        "# 5 d0 v3_unmap 1 1 1 1 0 0 0 0",
                        "# all 3 3 3 1 0 0 0 0");
    }
}
