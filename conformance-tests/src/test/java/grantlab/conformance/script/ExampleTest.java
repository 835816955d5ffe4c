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
}
