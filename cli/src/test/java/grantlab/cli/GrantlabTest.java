package grantlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command as its caller sees it: what it prints where, and how it ends. */
class GrantlabTest {
    private static final JsonMapper JSON = new JsonMapper();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int grantlab(String... arguments) {
        Terminal terminal = new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false);
        return Grantlab.commandLine(terminal).execute(arguments);
    }

    private int matrix(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "matrix";
        all[1] = "--report";
        all[2] = directory.resolve("report").toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return grantlab(all);
    }

    private void oneLine(String... parts) {
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).startsWith("grantlab: ").contains(parts);
        assertThat(err.toString().lines()).hasSize(1);
    }

    @AfterEach
    void forgetProperties() {
        System.clearProperty("grantlab.memory");
        System.clearProperty("grantlab.colour");
    }

    // ---- matrix

    @Test
    void aMatrixThatHoldsEndsWith0AndLeavesReports() {
        assertThat(matrix("--clause", "trial-01", "--format", "v1", "--paging", "pv-hvm"))
                .isZero();
        assertThat(out.toString()).contains("pv-hvm", "1/1", "1 kept, 0 broken", "report  ");
        assertThat(err.toString()).isEmpty();
        assertThat(directory.resolve("report/matrix.html")).isNotEmptyFile();
        assertThat(directory.resolve("report/matrix.json")).isNotEmptyFile();
        assertThat(directory.resolve("report/matrix.junit.xml")).isNotEmptyFile();
    }

    @Test
    void aBrokenPromiseEndsWith1() {
        assertThat(matrix("--clause", "TRIAL-0?", "--paging", "pv")).isEqualTo(1);
        assertThat(out.toString()).contains("✗ TRIAL-02 in v1/pv-pv", "one: expected 2, got 1");
    }

    @Test
    void thePartsOfAMatrixMakeTheWhole() throws IOException {
        String[] reports = new String[3];
        for (int part = 1; part <= reports.length; part++) {
            reports[part - 1] =
                    directory.resolve("part" + part).resolve("matrix.json").toString();
            int status = grantlab(
                    "matrix",
                    "--clause",
                    "TRIAL-*",
                    "--format",
                    "v1",
                    "--paging",
                    "pv,hvm",
                    "--seed",
                    "5",
                    "--shard",
                    part + "/3",
                    "--report",
                    directory.resolve("part" + part).toString());
            assertThat(status).isIn(0, 1);
        }
        Path whole = directory.resolve("whole");
        assertThat(grantlab("merge", "--report", whole.toString(), reports[2], reports[0], reports[1]))
                .isEqualTo(1);
        matrix("--clause", "TRIAL-*", "--format", "v1", "--paging", "pv,hvm", "--seed", "5");
        JsonNode merged = JSON.readTree(Files.readString(whole.resolve("matrix.json")));
        JsonNode once = JSON.readTree(Files.readString(directory.resolve("report/matrix.json")));
        assertThat(merged.get("tally")).isEqualTo(once.get("tally"));
        assertThat(merged.get("cells").size()).isEqualTo(once.get("cells").size());
        for (int n = 0; n < merged.get("cells").size(); n++) {
            for (String field : List.of("clause", "combination", "verdict")) {
                assertThat(merged.get("cells").get(n).get(field))
                        .isEqualTo(once.get("cells").get(n).get(field));
            }
        }
        assertThat(grantlab("merge", reports[0], reports[1])).isEqualTo(2);
        assertThat(err.toString()).contains("these are 2 parts, and 1/2 is none of them");
        assertThat(grantlab("merge", reports[0], reports[0])).isEqualTo(2);
        assertThat(err.toString()).contains("is in two of the parts");
    }

    @Test
    void whatWasTouchedIsRunWhereItStands() {
        assertThat(matrix("--clause", "TRIAL-01", "--format", "v1,v2", "--touched", "grantlab.grant.v2"))
                .isZero();
        assertThat(out.toString()).contains("v2").doesNotContain("v1");
        assertThat(matrix("--format", "v1", "--touched", "grantlab.grant.v2")).isEqualTo(2);
        assertThat(err.toString()).contains("grantlab.grant.v2 stands in none of the chosen combinations");
    }

    @Test
    void aShardIsNamedRightAndNeedsASeed() {
        assertThat(matrix("--shard", "4/3", "--seed", "1")).isEqualTo(2);
        assertThat(err.toString()).contains("the shard 4/3 is none of 1/3 to 3/3");
        assertThat(matrix("--shard", "1/3")).isEqualTo(2);
        assertThat(err.toString()).contains("--shard needs --seed");
    }

    @Test
    void whatDiffersFromAnEarlierRunIsSaid() throws IOException {
        matrix("--clause", "TRIAL-0?", "--format", "v1", "--paging", "pv");
        Path earlier = directory.resolve("earlier.json");
        String report = Files.readString(directory.resolve("report/matrix.json"));
        Files.writeString(earlier, report.replace("\"verdict\" : \"failed\"", "\"verdict\" : \"passed\""));
        assertThat(matrix("--clause", "TRIAL-0?", "--format", "v1", "--paging", "pv", "--compare", earlier.toString()))
                .isEqualTo(1);
        assertThat(out.toString())
                .contains("1 broken since, 0 mended, 0 otherwise changed, 0 clauses gone")
                .contains("✗ TRIAL-02 in v1/pv-pv was passed");
        assertThat(JSON.readTree(Files.readString(directory.resolve("report/matrix.json")))
                        .at("/earlier/changes/0/was")
                        .asString())
                .isEqualTo("passed");
        Files.writeString(earlier, "{}");
        assertThat(matrix("--clause", "TRIAL-01", "--compare", earlier.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("is no matrix.json");
    }

    @Test
    void aMatrixInWhichNothingIsApplicableIsNoSuccess() {
        assertThat(matrix("--clause", "TRIAL-03", "--paging", "hvm")).isEqualTo(2);
        assertThat(err.toString()).contains("none of the chosen clauses is applicable");
    }

    @Test
    void theMatrixCanBePrintedForPrograms() {
        assertThat(matrix("--clause", "TRIAL-*", "--format", "v1", "--paging", "pv", "--json", "--seed", "5"))
                .isEqualTo(1);
        JsonNode document = JSON.readTree(out.toString());
        assertThat(document.get("seed").asLong()).isEqualTo(5);
        assertThat(document.get("cells").size()).isEqualTo(3);
    }

    @Test
    void theConfigurationChoosesWhatTheCommandLineDoesNot() throws Exception {
        Path file = Files.writeString(directory.resolve("my.conf"), "paging = hvm\ngrant-format = v1\n");
        assertThat(matrix("--clause", "TRIAL-01", "--config", file.toString())).isZero();
        assertThat(out.toString()).contains("1 kept").contains("hvm-hvm");
        assertThat(matrix("--clause", "TRIAL-01", "--config", file.toString(), "--paging", "pv"))
                .isZero();
        assertThat(out.toString()).contains("pv-pv");
    }

    @Test
    void aConfigurationChoosesTheIommuToo() {
        assertThat(matrix("--clause", "IOMMU-01", "--format", "v1", "--paging", "pv", "--set", "iommu=strict"))
                .isZero();
        assertThat(out.toString()).contains("identity", "1 kept");
        assertThat(matrix("--clause", "TRIAL-01", "--format", "v1", "--paging", "hvm", "--set", "iommu=off"))
                .as("which is so anyway")
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --clause NOPE-*         | no clause matches 'NOPE-*'
        --format v9             | v9
        --paging pvh            | 'pvh'
        --iommu smmu            | smmu
        --iommu shared --paging pv | 'shared' goes with none of the chosen combinations
        --seed many             | --seed
        --colour                | --colour
        --set paging            | write --set KEY=VALUE
        --set colour=blue       | colour
        --set paging=[          | paging
        --set memory=paper      | paper
        --config nowhere.conf   | nowhere.conf: no such file
        --plugins nowhere       | nowhere: not a directory
        """)
    void aWrongCallEndsWith2AndSaysWhyInOneLine(String arguments, String said) {
        assertThat(matrix(arguments.split(" "))).isEqualTo(2);
        oneLine(said);
    }

    // ---- settings

    @Test
    void laterSettingsWin() throws Exception {
        Path file = Files.writeString(directory.resolve("my.conf"), "memory = paper\n");
        assertThat(matrix("--config", file.toString(), "--clause", "TRIAL-01", "--paging", "pv"))
                .isEqualTo(2);
        System.setProperty("grantlab.memory", "stone");
        assertThat(matrix(
                        "--config",
                        file.toString(),
                        "--clause",
                        "TRIAL-01",
                        "--paging",
                        "pv",
                        "--set",
                        "memory=on-heap"))
                .isZero();
        assertThat(matrix("--config", file.toString(), "--clause", "TRIAL-01", "--paging", "pv"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("paper", "stone").doesNotContain("at grantlab");
    }

    @Test
    void anUnknownPropertyOfOursIsRefused() {
        System.setProperty("grantlab.colour", "blue");
        assertThat(matrix("--clause", "TRIAL-01")).isEqualTo(2);
        oneLine("colour", "grant-format");
    }

    @Test
    void aFileThatIsNoConfigurationIsRefusedWithItsLine() throws Exception {
        Path file = Files.writeString(directory.resolve("bad.conf"), "paging = pv\nmemory = {\n");
        assertThat(matrix("--config", file.toString())).isEqualTo(2);
        oneLine("bad.conf");
    }

    // ---- run and replay

    @Test
    void aScriptIsRunAndItsResultsPrinted() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "query_size dom=self\n");
        assertThat(grantlab("run", script.toString())).isZero();
        assertThat(out.toString()).startsWith("1 query_size rc=0 status=0");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void whoIsChargedForWhatIsToldWhenItIsAskedFor() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "create dom=d1\n");
        assertThat(grantlab("run", "--charges", script.toString())).isZero();
        assertThat(out.toString())
                .startsWith("1 create rc=0")
                .contains("# domain 0 is charged for 0 of 65536 pages, 0 mappings, 0 of 64 trees")
                .contains("# domain 1 is charged for 0 of 65536 pages, 0 mappings, 0 of 64 trees");
    }

    @Test
    void whatOperationsTookIsToldWhenItIsAskedFor() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "query_size dom=self\n");
        assertThat(grantlab("run", "--costs", script.toString())).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" +", " ")))
                .contains("# line calls exits entries flushes IOTLB drains copied mapped")
                .contains("# 1 d0 query_size 1 1 0 0 0 0 0 0")
                .contains("# all 1 1 0 0 0 0 0 0");
    }

    @Test
    void ofAMalformedScriptNoCostsAreTold() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "fly dom=self\n");
        assertThat(grantlab("run", "--costs", script.toString())).isEqualTo(2);
        oneLine("a.txt:1", "fly");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aMalformedScriptIsRefusedWithItsLine() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "# nothing\nfly dom=self\n");
        assertThat(grantlab("run", script.toString())).isEqualTo(2);
        oneLine("a.txt:2", "fly");
    }

    @ParameterizedTest
    @CsvSource({"run", "replay", "record"})
    void aFileThatIsNotThereIsRefused(String command) {
        assertThat(grantlab(command, directory.resolve("no.txt").toString())).isEqualTo(2);
        oneLine("no.txt");
    }

    @ParameterizedTest
    @CsvSource({"run", "replay", "record"})
    void aCommandWithoutItsFileIsRefused(String command) {
        assertThat(grantlab(command)).isEqualTo(2);
        oneLine("grantlab " + command + " --help");
    }

    @Test
    void aRecordingIsComparedLineByLine() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "query_size dom=self\n");
        Path answers = directory.resolve("a.res");
        assertThat(grantlab("run", script.toString())).isZero();
        Files.writeString(answers, "ORACLE-START\n" + out + "ORACLE-END\n");
        assertThat(grantlab("replay", directory.toString())).isZero();
        assertThat(out.toString()).contains("total files=1 ops=1 agree=1");
        Files.writeString(answers, "ORACLE-START\n1 query_size rc=0 status=0 nr=1 max=7\nORACLE-END\n");
        assertThat(grantlab("replay", script.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("agree=0", "max=7");
    }

    // ---- record

    /** QEMU, compiler and Xen are shell scripts and files, enough to be called, unless an argument names others. */
    private int record(String answers, String... arguments) throws Exception {
        Files.createDirectories(directory.resolve("include/xen"));
        Files.writeString(directory.resolve("include/xen/xen.h"), "");
        Map<String, Path> laboratory = Map.of(
                "--gcc", program("gcc", "case $1 in -print*) echo /headers;; *) echo guest > guest;; esac"),
                "--qemu", program("qemu", "printf '" + answers + "'"),
                "--xen", Files.writeString(directory.resolve("xen"), "hypervisor"),
                "--include", directory.resolve("include"),
                "--cache", directory.resolve("cache"));
        List<String> all = new ArrayList<>(List.of("record"));
        laboratory.forEach((option, path) -> {
            if (!List.of(arguments).contains(option)) {
                all.addAll(List.of(option, path.toString()));
            }
        });
        all.addAll(List.of(arguments));
        return grantlab(all.toArray(String[]::new));
    }

    private Path program(String name, String commands) throws Exception {
        Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + commands + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    @Test
    void whatXenAnswersIsKeptAndCanBeReplayed() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "yield n=1\n");
        assertThat(record("ORACLE-START\\n1 yield ok\\nORACLE-END\\n", script.toString()))
                .isZero();
        assertThat(out.toString()).contains("a.res answers=1", "total files=1 failed=0 answers=1");
        assertThat(err.toString()).isEmpty();
        assertThat(grantlab("replay", script.toString())).isZero();
        assertThat(out.toString()).contains("total files=1 ops=1 agree=1");
    }

    @Test
    void aRunThatDoesNotFinishEndsWith1() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "yield n=1\n");
        assertThat(record("ORACLE-START\\n", script.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("a.txt: Xen did not come to the end of the script", "failed=1");
        assertThat(directory.resolve("a.res")).doesNotExist();
    }

    @Test
    void whatWasRecordedCanBePrintedForPrograms() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "yield n=1\n");
        assertThat(record("ORACLE-START\\n1 yield ok\\nORACLE-END\\n", "--json", script.toString()))
                .isZero();
        JsonNode document = JSON.readTree(out.toString());
        assertThat(document.get("answers").asInt()).isEqualTo(1);
        assertThat(document.get("scripts").get(0).get("before").asString()).isEqualTo("nothing");
    }

    @Test
    void whatIsMissingForARecordingIsNamedWithItsPackage() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "yield n=1\n");
        assertThat(record("", "--gcc", "no-such-gcc", "--qemu", "/no/qemu", script.toString()))
                .isEqualTo(2);
        oneLine("no-such-gcc (package gcc)", "/no/qemu (package qemu-system-x86)", "apt install gcc qemu-system-x86");
    }

    @Test
    void anotherXenThatIsMissingIsNamed() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "yield n=1\n");
        assertThat(record("", "--xen", "/no/xen.gz", script.toString())).isEqualTo(2);
        oneLine("/no/xen.gz (package xen-hypervisor-4.17-amd64)");
    }

    @Test
    void aScriptIsLookedAtBeforeAnythingElseIs() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "yield\nfly dom=self\n");
        assertThat(grantlab("record", "--xen", "/no/xen.gz", script.toString())).isEqualTo(2);
        oneLine("a.txt:2", "fly");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --colour a.txt          | --colour
        --jobs 0 a.txt          | --jobs
        --jobs many a.txt       | --jobs
        --timeout -1 a.txt      | --timeout
        """)
    void aWrongCallOfRecordEndsWith2AndSaysWhyInOneLine(String arguments, String said) {
        assertThat(grantlab(("record " + arguments).split(" "))).isEqualTo(2);
        oneLine(said);
    }

    // ---- fuzz

    private int fuzz(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "fuzz";
        all[1] = "--save";
        all[2] = directory.resolve("found").toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return grantlab(all);
    }

    @Test
    void aCampaignThatFindsNothingEndsWith0() {
        assertThat(fuzz("--seed", "3", "--count", "600", "--ops", "200", "--memory", "on-heap,checked"))
                .isZero();
        assertThat(out.toString())
                .contains("seed 3: ", "3 scripts", "[on-heap, checked]", "a second; nothing found")
                .containsPattern("(?m)^map .* 0:[0-9]+");
        assertThat(err.toString()).isEmpty();
        assertThat(directory.resolve("found")).doesNotExist();
    }

    @Test
    void aCampaignCanBePrintedForPrograms() {
        assertThat(fuzz(
                        "--seed",
                        "3",
                        "--count",
                        "100",
                        "--ops",
                        "100",
                        "--modes",
                        "pv1",
                        "--memory",
                        "on-heap",
                        "--json"))
                .isZero();
        JsonNode document = JSON.readTree(out.toString());
        assertThat(document.get("seed").asLong()).isEqualTo(3);
        assertThat(document.get("modes").get(0).asString()).isEqualTo("pv1");
        assertThat(document.get("scripts").asLong()).isEqualTo(1);
        assertThat(document.get("found").size()).isZero();
        assertThat(document.get("reached").get("map").size()).isPositive();
    }

    @Test
    void scriptsAreExaminedOneByOne() throws Exception {
        Path script = Files.writeString(directory.resolve("a.txt"), "query_size dom=self\nmap addr=m0 ref=9\n");
        assertThat(fuzz("--script", script.toString())).isZero();
        assertThat(out.toString()).contains("✓ " + script);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --count 0               | 'number from 1 on'
        --modes pv9             | there is no mode 'pv9'; the modes are pv1, pv2
        --memory paper          | paper
        --time soon             | 'soon' is no time; write 90s
        --threads none          | none
        --against kvm           | kvm
        --script nowhere.txt    | nowhere.txt: no such file
        """)
    void aWrongCampaignEndsWith2AndSaysWhyInOneLine(String arguments, String said) {
        assertThat(fuzz(arguments.split(" "))).isEqualTo(2);
        oneLine(said);
    }

    // ---- list and clauses

    @Test
    void whatIsInstalledIsListed() {
        assertThat(grantlab("list")).isZero();
        assertThat(out.toString())
                .contains("v1", "pv", "hvm", "off-heap", "names-entries")
                .contains("separate-wo", "write-only-entries", "strict is identity");
    }

    @Test
    void whatIsInstalledIsListedForPrograms() {
        assertThat(grantlab("list", "--json")).isZero();
        assertThat(JSON.readTree(out.toString()).get("grantFormats").size()).isPositive();
        assertThat(JSON.readTree(out.toString()).get("iommus").size()).isEqualTo(5);
    }

    @Test
    void theCatalogueIsPrinted() {
        assertThat(grantlab("clauses", "--clause", "TRIAL-*")).isZero();
        assertThat(out.toString()).contains("TRIAL-01", "A fresh world is sound.", "3 clauses in 1 family");
    }

    @Test
    void theCatalogueIsPrintedForPrograms() {
        assertThat(grantlab("clauses", "--json")).isZero();
        assertThat(JSON.readTree(out.toString()).toString()).contains("TRIAL-02");
    }

    @Test
    void theCatalogueIsPrintedForAPageAndInOneFormAtATime() {
        assertThat(grantlab("clauses", "--markdown", "--clause", "TRIAL-01")).isZero();
        assertThat(out.toString()).contains("1 clause in 1 family", "| TRIAL-01 | A fresh world is sound. |");
        assertThat(grantlab("clauses", "--markdown", "--json")).isEqualTo(ExitStatus.MISUSE);
        assertThat(err.toString()).contains("--markdown", "--json");
    }

    // ---- new-format

    @Test
    void aProjectIsMadeAndWhatToDoNextIsSaid() {
        Path project = directory.resolve("project");
        assertThat(grantlab("new-format", "word-per-page", project.toString(), "--package", "com.example.words"))
                .isZero();
        assertThat(out.toString()).contains("cd " + project + " && mvn verify", "--format word-per-page");
        assertThat(project.resolve("src/main/java/com/example/words/WordPerPageProvider.java"))
                .content()
                .contains("\"word-per-page\"");
    }

    @Test
    void aProjectIsNotMadeOverAnother() throws IOException {
        Files.writeString(directory.resolve("mine"), "");
        assertThat(grantlab("new-format", "words", directory.toString())).isEqualTo(2);
        oneLine(directory.toString(), "something lies there already");
    }

    @Test
    void aFormatIsNamedAsFormatsAre() {
        assertThat(grantlab("new-format", "My Format")).isEqualTo(2);
        oneLine("a format cannot be called 'My Format'", "my-format");
    }

    // ---- the command itself

    @Test
    void noCommandIsNoSuccess() {
        assertThat(grantlab()).isEqualTo(2);
        oneLine("no command given");
    }

    @Test
    void anUnknownCommandIsRefused() {
        assertThat(grantlab("martix")).isEqualTo(2);
        oneLine("martix");
    }

    @Test
    void aDemoHasToBeNamed() {
        assertThat(grantlab("demo")).isEqualTo(2);
        oneLine("no demo given", "grantlab demo --help");
    }

    @Test
    void packetsOfADemoAreCounted() {
        assertThat(grantlab("demo", "dpdk", "--packets", "0")).isEqualTo(2);
        oneLine("at least 1");
    }

    @Test
    void helpNamesEveryCommandAndTheExitStatus() {
        assertThat(grantlab("--help")).isZero();
        assertThat(out.toString())
                .contains("matrix", "run", "replay", "record", "fuzz", "list", "clauses", "new-format", "Exit status");
    }
}
