package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.hypervisor.Settings;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptRunnerTest {
    private static String run(String... lines) throws IOException {
        StringBuilder output = new StringBuilder();
        new ScriptRunner(Settings.usual()).run(Script.parse("x.txt", String.join("\n", lines)), output);
        return output.toString();
    }

    @Test
    void shouldPrintOneLineForEachOperation() throws IOException {
        assertThat(run(
                        "# grant, map, look, unmap",
                        "create dom=d1 type=pv",
                        "@d1 ent1 ref=9 flags=1 domid=d0 frame=p2",
                        "@d1 fill addr=p2 val=0x500",
                        "map addr=m0 flags=2 dom=d1 ref=9 out=v0",
                        "rd addr=m0+8",
                        "rdent tab=d1 ref=9",
                        "pte addr=m0",
                        "unmap addr=m0 h=v0",
                        "rd addr=m0",
                        "pte addr=m0"))
                .isEqualTo("""
                    2 create rc=0
                    3 ent1 ok
                    4 fill ok
                    5 map rc=0 status=0 h=#0 dev=d1.p2
                    6 rd val=501
                    7 rdent v1 flags=19 domid=0 frame=d1.p2
                    8 pte bits=8010000000000007 frame=d1.p2
                    9 unmap rc=0 status=0
                    10 rd fault=14 ec=0
                    11 pte absent
                    """);
    }

    @Test
    void shouldFillUpToAFaultAndStoreNoPartOfTheWordThatFaults() throws IOException {
        assertThat(run(
                        "ent1 ref=9 flags=1 domid=d0 frame=p2",
                        "map addr=m0 flags=2 dom=d0 ref=9",
                        "fill addr=m0+4 val=0x500",
                        "rd addr=p2+0xff0",
                        "rd addr=p2+0xff8",
                        "fill addr=m0+8 val=0x500",
                        "rd addr=p2+0xff8",
                        "hash addr=m0+8"))
                .isEqualTo("""
                    1 ent1 ok
                    2 map rc=0 status=0 h=#0 dev=d0.p2
                    3 fill fault=14 ec=2
                    4 rd val=6fe00000000
                    5 rd val=0
                    6 fill fault=14 ec=2
                    7 rd val=6fe
                    8 hash fault=14 ec=0
                    """);
    }

    @Test
    void shouldPrintABatchAsItsResultAndItsElements() throws IOException {
        assertThat(run(
                        "ent1 ref=9 flags=1 domid=d0 frame=p2",
                        "batch n=2",
                        "map addr=m0 flags=2 dom=d0 ref=9 out=v0",
                        "map addr=m1 flags=2 dom=d0 ref=10 out=v1",
                        "unmap addr=m0 h=v0",
                        "unmap addr=m1 h=v1"))
                .isEqualTo("""
                    1 ent1 ok
                    2 batch rc=0
                    3 map status=0 h=#0 dev=d0.p2
                    4 map status=-1
                    5 unmap rc=0 status=0
                    6 unmap rc=0 status=-4
                    """);
    }

    @Test
    void shouldShowFieldsThatWereNotWritten() throws IOException {
        assertThat(run(
                        "map count=0",
                        "map count=2147483648",
                        "query_size count=2",
                        "setup nr=2",
                        "setup nr=2 list=p0",
                        "setup nr=0"))
                .isEqualTo("""
                    1 map rc=0 status=-
                    2 map rc=-22 status=-
                    3 query_size rc=-22 status=-
                    4 setup rc=0 status=0 list=g0,g1
                    5 setup rc=0 status=0 list=-,-
                    6 setup rc=0 status=0 list=()
                    """);
    }

    @Test
    void shouldPrintHandlesByTheOrderOfTheirAppearance() throws IOException {
        assertThat(run(
                        "ent1 ref=9 flags=1 domid=d0 frame=p2",
                        "opt raw=1",
                        "map addr=m0 dom=d0 ref=10",
                        "map addr=m0 dom=d0 ref=9 out=v0",
                        "unmap addr=m0 h=#0"))
                .isEqualTo("""
                    1 ent1 ok
                    2 opt ok
                    3 map rc=0 status=-1
                    4 map rc=0 status=0 h=#0 raw=1 dev=d0.p2
                    5 unmap rc=0 status=0
                    """);
    }

    @Test
    void shouldSayWhenADomainIsNotThereOrDoesNotRun() throws IOException {
        assertThat(run(
                        "@d1 rd addr=p0",
                        "rdent tab=d3 ref=1",
                        "create dom=d2 type=pvh run=0",
                        "@d2 rd addr=p0",
                        "create dom=d1 type=pvh",
                        "@d1 pte addr=m0",
                        "@d1 rd addr=m0",
                        "create dom=d1",
                        "destroy dom=d1",
                        "@d1 rd addr=p0",
                        "dominfo dom=d1"))
                .isEqualTo("""
                    1 rd nodomain
                    2 rdent nodomain
                    3 create rc=0
                    4 rd deaddomain
                    5 create rc=0
                    6 pte n/a
                    7 rd val=ffffffffffffffff
                    8 create n/a
                    9 destroy rc=0
                    10 rd deaddomain
                    11 dominfo rc=-3
                    """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rd addr=p64              | addr=p64: expected an address",
                "rd adr=p0                | rd has no key 'adr='; it takes addr=",
                "rd addr=0xAB             | addr=0xAB: expected an address",
                "map flags=2k             | flags=2k: expected a number (decimal or 0x lower-case hex)",
                "fetch addr=p0            | there is no verb 'fetch'; the verbs are batch, cache_flush, copy, create",
                "@d6 rd addr=p0           | there is no domain d6; scripts have d0..d5",
                "map dom=dom1             | dom=dom1: expected a domain (dK, self, io, xen, cow, invalid, idle or a"
                        + " number)",
                "rdent tab=d9 ref=0       | tab=d9: expected a domain of the script (d0..d5)",
                "memop frame=p0           | memop needs sub=: decrease, populate, remove or add",
                "batch                    | batch needs n=: 1..96",
                "batch n=97               | n=97: expected 1..96",
                "batch n=2                | the batch wants 2 lines, the script has 0 more",
            })
    void shouldRefuseAMalformedScriptBeforeAnythingRuns(String line, String message) {
        StringBuilder output = new StringBuilder();
        Script script = Script.parse("x.txt", "query_size\n" + line);

        assertThatThrownBy(() -> new ScriptRunner(Settings.usual()).run(script, output))
                .isInstanceOf(ScriptException.class)
                .hasMessageStartingWith("x.txt:2: " + message)
                .hasMessageNotContaining("\n");
        assertThat(output).isEmpty();
    }

    @Test
    void shouldRefuseABatchOfDifferentLines() {
        assertThatThrownBy(() -> run("batch n=2", "map ref=1", "unmap h=v0"))
                .hasMessage("x.txt:3: all lines of a batch have the same verb and the same domain");
        assertThatThrownBy(() -> run("batch n=2", "map ref=1", "@d1 map ref=1"))
                .hasMessage("x.txt:3: all lines of a batch have the same verb and the same domain");
        assertThatThrownBy(() -> run("batch n=1", "rd addr=p0"))
                .hasMessage("x.txt:2: 'rd' is no grant-table operation: it cannot be batched");
    }

    @Test
    void shouldRefuseAScriptWithoutOperations() {
        assertThatThrownBy(() -> run("# nothing", ""))
                .isInstanceOf(ScriptException.class)
                .hasMessage("x.txt: the script has no operation, so there is nothing to run");
    }

    @Test
    void shouldRefuseXenOptionsThatMeanNothingHere() {
        assertThatThrownBy(() -> run("#!xen iommu=off", "query_size"))
                .isInstanceOf(ScriptException.class)
                .hasMessageStartingWith(
                        "x.txt: #!xen option 'iommu=off' means nothing here; known are gnttab_max_frames=N");
    }

    @Test
    void shouldLimitTheMachineAsXenOptionsSay() throws IOException {
        assertThat(run("#!xen gnttab_max_frames=4 gnttab=max-ver:1", "setup nr=5", "query_size", "set_version v=2"))
                .isEqualTo("""
                    2 setup rc=0 status=-1
                    3 query_size rc=0 status=0 nr=1 max=4
                    4 set_version rc=-38 v=1
                    """);
    }
}
