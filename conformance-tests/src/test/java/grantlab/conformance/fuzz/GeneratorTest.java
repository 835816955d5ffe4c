package grantlab.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.script.Interpreter;
import grantlab.conformance.script.Line;
import grantlab.conformance.script.Script;
import grantlab.hypervisor.Settings;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the generator writes. */
class GeneratorTest {
    private static final int SCRIPTS = 10;
    private static final int OPERATIONS = 2000;

    private final Generator generator = new Generator(Audience.OURS);

    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldWriteTheSameForTheSameSeed(Mode mode) {
        String script = generator.script(mode, 42, OPERATIONS);
        assertThat(new Generator(Audience.OURS).script(mode, 42, OPERATIONS)).isEqualTo(script);
        assertThat(generator.script(mode, 43, OPERATIONS)).isNotEqualTo(script);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldKeepToTheGrammar(Mode mode) {
        for (int seed = 0; seed < SCRIPTS; seed++) {
            Script script = Script.parse(mode + "-" + seed, generator.script(mode, seed, OPERATIONS));
            assertThat(script.lines()).hasSizeGreaterThan(OPERATIONS);
            try (Interpreter interpreter =
                    new Interpreter(script, Settings.usual().withMemory("on-heap"), line -> {})) {
                interpreter.check();
            }
        }
    }

    @Test
    void shouldKnowEveryVerb() {
        Set<String> verbs = new TreeSet<>();
        for (Mode mode : Mode.all()) {
            for (int seed = 0; seed < SCRIPTS; seed++) {
                Script script = Script.parse("script", generator.script(mode, seed, OPERATIONS));
                script.lines().stream().map(Line::verb).forEach(verbs::add);
            }
        }
        assertThat(verbs)
                .contains(
                        "map",
                        "unmap",
                        "replace",
                        "copy",
                        "transfer",
                        "swap",
                        "cache_flush",
                        "setup",
                        "status_frames",
                        "query_size",
                        "set_version",
                        "get_version",
                        "dump",
                        "raw",
                        "batch",
                        "ent",
                        "ent1",
                        "ent2",
                        "ent2t",
                        "rdent",
                        "status",
                        "scan",
                        "rd",
                        "wr",
                        "fill",
                        "hash",
                        "pte",
                        "setpte",
                        "memop",
                        "create",
                        "destroy",
                        "dominfo",
                        "yield",
                        "opt",
                        "forget",
                        "v3_query",
                        "v3_tree_create",
                        "v3_tree_update",
                        "v3_tree_destroy",
                        "v3_map",
                        "v3_unmap",
                        "v3_copy",
                        "v3_revoke",
                        "v3_set_access",
                        "v3_invalidate",
                        "v3_sync",
                        "v3_probe",
                        "v3_ring_register",
                        "v3_grantee_ctl",
                        "leaf",
                        "node",
                        "rdleaf",
                        "wrframe",
                        "vdomid_bind",
                        "gnt_quota",
                        "gnt_policy");
    }

    @Test
    void shouldLeaveOutForXenWhatItWouldNotComeBackFrom() {
        Generator careful = new Generator(Audience.XEN);
        for (int seed = 0; seed < SCRIPTS; seed++) {
            String script = careful.script(Mode.PVHMIX, seed, OPERATIONS);
            assertThat(script).doesNotContain("count=2147483647").doesNotContain("ent1 ");
        }
    }
}
