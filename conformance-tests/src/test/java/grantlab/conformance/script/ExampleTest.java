package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The examples of the documentation do what their comments say. */
class ExampleTest {
    private static final Path EXAMPLES = Path.of("..", "docs", "examples");

    @Test
    void aTreeFromEndToEnd() throws IOException {
        StringBuilder output = new StringBuilder();
        new ScriptRunner(Settings.usual().withGrantFormat("v3-tree").withMemory("on-heap"))
                .run(EXAMPLES.resolve("tree.txt"), output);
        assertThat(output.toString().lines())
                .contains(
                        "15 v3_map rc=0 status=0 done=2 handle=#0 dev_addr=d1.p8 order_got=0 entry_gen=0",
                        "18 v3_map rc=0 status=-8 done=0 handle=0 dev_addr=none",
                        "21 rd val=abc",
                        "26 v3_map rc=0 status=-15 done=0 handle=0 dev_addr=none",
                        "33 v3_tree_destroy rc=0 status=-17",
                        "37 v3_tree_destroy rc=0 status=0 done=0",
                        "38 v3_map rc=0 status=-18 done=0 handle=0 dev_addr=none");
    }

    @Test
    void devicesFromEndToEnd() throws IOException {
        StringBuilder output = new StringBuilder();
        new ScriptRunner(Settings.usual().withIommu("strict").withMemory("on-heap"))
                .run(EXAMPLES.resolve("devices.txt"), output);
        assertThat(output.toString().lines())
                .containsExactly(
                        "4 create rc=0",
                        "5 fill ok",
                        "6 ent1 ok",
                        "7 create rc=0",
                        "10 dma_write ok",
                        "11 rd val=7",
                        "12 dma_read fault=not_mapped",
                        "15 map rc=0 status=0 h=#0 dev=d1.p2",
                        "16 dma_read val=500",
                        "17 dma_write ok",
                        "18 rd val=abc",
                        "21 rdent v1 flags=19 domid=2 frame=d1.p2",
                        "22 unmap rc=0 status=0",
                        "23 rdent v1 flags=1 domid=2 frame=d1.p2",
                        "24 dma_read fault=not_mapped",
                        "27 create rc=0",
                        "28 ent1 ok",
                        "29 dma_read fault=not_mapped",
                        "30 map rc=0 status=0 h=#0 dev=d1.p2",
                        "31 dma_read val=500",
                        "32 dma_write fault=not_writable",
                        "33 unmap rc=0 status=0",
                        "34 dma_read fault=not_mapped");
    }
}
