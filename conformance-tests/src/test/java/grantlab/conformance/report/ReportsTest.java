package grantlab.conformance.report;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.Catalogue;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Concerns;
import grantlab.conformance.Examples;
import grantlab.conformance.Expect;
import grantlab.conformance.Matrix;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Member;
import grantlab.conformance.RequestCost;
import grantlab.conformance.Selection;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import grantlab.conformance.example.BrokenClauses;
import grantlab.conformance.example.KeptClauses;
import grantlab.hypervisor.Settings;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportsTest {
    private static final Instant STARTED = Instant.parse("2026-01-02T03:04:05Z");
    private static final JsonMapper JSON = new JsonMapper();

    private static MatrixResult mixed;

    @BeforeAll
    static void runOnce() {
        mixed = Examples.mixed();
    }

    // ---- terminal

    @Test
    void theGridHasFamiliesAndCombinations() {
        assertThat(TerminalReport.of(mixed, Paint.NONE).lines().limit(4))
                .containsExactly(
                        "                                    v1",
                        "                                    pv-pv    hvm-pv",
                        "BROKEN  Promises that nobody keeps  0/3 ✗    0/3 ✗",
                        "KEPT    Kept promises               3/3      3/3");
    }

    @Test
    void whatBrokeFollowsTheGridOncePerClause() {
        String text = TerminalReport.of(mixed, Paint.NONE);
        assertThat(text)
                .contains("✗ 6 kept, 4 broken, 2 errors, 2 not applicable")
                .contains("✗ BROKEN-01 in v1/pv-pv, v1/hvm-pv")
                .contains("step      the grantee maps it")
                .contains("expected GNTST_bad_gntref (-3), got GNTST_okay (0)")
                .contains("! BROKEN-02 in")
                .contains("again     grantlab matrix --clause BROKEN-03 --format v1 --paging pv-pv --seed 7");
        assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @Test
    void whoStandsInAFurtherPlaceIsNamed() {
        MatrixResult result = new Matrix(
                        Catalogue.of(List.of(new Devices())),
                        new Selection(List.of("v1"), List.of("pv", "hvm"))
                                .with(Member.IOMMU, List.of("strict"))
                                .combinations(Examples.INSTALLED),
                        Settings.usual(),
                        Examples.INSTALLED,
                        1)
                .run(Matrix.Listener.NONE);
        assertThat(TerminalReport.of(result, Paint.NONE))
                .containsPattern("identity +separate-wo +identity +separate-wo")
                .contains("again     grantlab matrix --clause DEVICES-01 --format v1 --paging pv-pv --iommu identity");
        assertThat(HtmlReport.of(result, STARTED)).contains("pv &rarr; hvm<br>separate-wo");
        JsonNode members = JSON.readTree(JsonReport.of(result, STARTED)).at("/combinations/0/members");
        assertThat(members.get(4).get("place").asString()).isEqualTo("IOMMU");
        assertThat(members.get(4).get("name").asString()).isEqualTo("identity");
    }

    /** Devices are not where they are. */
    static final class Devices implements ClauseFamily {
        @Override
        public String prefix() {
            return "DEVICES";
        }

        @Override
        public String title() {
            return "Devices";
        }

        @Concerns(Member.IOMMU)
        @Clause(id = "DEVICES-01", promise = "Nobody owns devices.", source = "nowhere")
        void nobody(World world) {
            Expect.holdsNot("the granter owns devices", world.granter().ownsDevices());
            Expect.holdsNot("the grantee owns devices", world.grantee().ownsDevices());
        }
    }

    /** One row for what is the same in several combinations, by request and transport. */
    @Test
    void whatRequestsTookIsATable() {
        MatrixResult result = new Matrix(
                        Catalogue.of(List.of(new Requests())),
                        new Selection(List.of("v1"), List.of("pv", "hvm"))
                                .with(Member.TRANSPORT, List.of("virtio-shared-table", "virtio-iommu"))
                                .with(Member.QUEUE, List.of("split"))
                                .combinations(Examples.INSTALLED),
                        Settings.usual(),
                        Examples.INSTALLED,
                        1)
                .run(Matrix.Listener.NONE);
        assertThat(TerminalReport.of(result, Paint.NONE).lines())
                .containsSequence(
                        "what a request takes                   calls   exits entries flushes   IOTLB  copied  mapped      in",
                        "a question",
                        "  virtio-shared-table                      1      22     333       4       5       6      77       4",
                        "  virtio-iommu                             1      22     333       4       5       6      77       4",
                        "another, of a PV driver",
                        "  virtio-shared-table                      9       0       0       0       0       0       0       2",
                        "  virtio-iommu                             9       0       0       0       0       0       0       2");
        assertThat(HtmlReport.of(result, STARTED))
                .containsPattern(
                        "(?s)<th[^>]*>a question</th>.*<th scope=\"row\">virtio-iommu</th><td>1</td><td>22</td>"
                                + "<td>333</td><td>4</td><td>5</td><td>6</td><td>77</td><td>4</td>")
                .containsPattern("(?s)another, of a PV driver.*virtio-shared-table</th><td>9</td>");
        assertThat(HtmlReport.of(mixed, STARTED)).doesNotContain("What a request takes");
        assertThat(TerminalReport.of(mixed, Paint.NONE)).doesNotContain("what a request takes");
    }

    /** Requests that nobody makes. */
    static final class Requests implements ClauseFamily {
        @Override
        public String prefix() {
            return "REQUESTS";
        }

        @Override
        public String title() {
            return "Requests";
        }

        @Takes({Member.TRANSPORT, Member.QUEUE})
        @Clause(id = "REQUESTS-01", promise = "Requests are told.", source = "nowhere")
        void told(World world) {
            world.took(new RequestCost("a question", 1, 22, 333, 4, 5, 6, 77));
            if (!world.granter().translated()) {
                world.took(new RequestCost("another, of a PV driver", 9, 0, 0, 0, 0, 0, 0));
            }
        }
    }

    @Test
    void aWideMatrixIsFoldedAt100Columns() {
        MatrixResult result = Examples.run(1, List.of(new KeptClauses()), "pv", "hvm");
        List<grantlab.conformance.Combination> many = java.util.stream.IntStream.range(0, 30)
                .mapToObj(n -> result.combinations().get(n % 4))
                .toList();
        MatrixResult wide = new MatrixResult(
                result.families(), many, result.cells(), result.settings(), result.seed(), result.nanos());
        assertThat(TerminalReport.of(wide, Paint.NONE).lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100))
                .filteredOn(line -> line.startsWith("KEPT"))
                .hasSizeGreaterThan(2);
    }

    @Test
    void coloursAreForTerminalsOnly() {
        assertThat(TerminalReport.of(mixed, Paint.NONE)).doesNotContain("\u001b");
        assertThat(TerminalReport.of(mixed, Paint.COLOURS)).contains("\u001b[1;31m");
    }

    // ---- JSON

    @Test
    void theDocumentHasEveryCellAndAllThatIsKnownOfAFailure() {
        JsonNode document = JSON.readTree(JsonReport.of(mixed, STARTED));
        assertThat(document.get("success").asBoolean()).isFalse();
        assertThat(document.get("started").asString()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(document.get("seed").asLong()).isEqualTo(7);
        assertThat(document.get("combinations").size()).isEqualTo(2);
        assertThat(document.get("cells").size()).isEqualTo(14);
        assertThat(document.at("/tally/passed").asInt()).isEqualTo(6);
        JsonNode cell = document.get("cells").get(0);
        assertThat(cell.get("clause").asString()).isEqualTo("BROKEN-01");
        assertThat(cell.get("verdict").asString()).isEqualTo("failed");
        assertThat(cell.at("/failure/comparison/expected").asString()).isEqualTo("GNTST_bad_gntref (-3)");
        assertThat(cell.at("/failure/steps").size()).isEqualTo(2);
        assertThat(cell.at("/failure/states/1/role").asString()).isEqualTo("grantee");
        assertThat(cell.at("/cost/hypercalls").asInt()).isPositive();
        assertThat(cell.has("reason")).isFalse();
    }

    // ---- JUnit

    @Test
    void jUnitSeesASuitePerCombinationAndACasePerClause() throws Exception {
        Document document = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(JUnitReport.of(mixed, STARTED))));
        Element root = document.getDocumentElement();
        assertThat(root.getAttribute("tests")).isEqualTo("14");
        assertThat(root.getAttribute("failures")).isEqualTo("4");
        assertThat(root.getAttribute("errors")).isEqualTo("2");
        assertThat(root.getAttribute("skipped")).isEqualTo("2");
        assertThat(document.getElementsByTagName("testsuite").getLength()).isEqualTo(2);
        assertThat(document.getElementsByTagName("testcase").getLength()).isEqualTo(14);
        assertThat(document.getElementsByTagName("skipped").getLength()).isEqualTo(2);
        Element failure = (Element) document.getElementsByTagName("failure").item(0);
        assertThat(failure.getTextContent()).contains("the grantee maps it", "d1 (granter)", "d2 (grantee)");
        assertThat(document.getElementsByTagName("error").item(0).getTextContent())
                .contains("not what the clause looks at ? <&>");
    }

    // ---- HTML

    @Test
    void thePageNeedsNothingFromOutside() {
        String page = HtmlReport.of(mixed, STARTED);
        assertThat(page).doesNotContain("http://www.google", "https://").contains("default-src 'none'");
        assertThat(Pattern.compile("<(script|link|img)[^>]* (src|href)=\"(?!data:)")
                        .matcher(page)
                        .find())
                .isFalse();
        assertThat(page).contains("prefers-color-scheme: dark");
    }

    @Test
    void thePageHasTheGridAndTheDocument() {
        String page = HtmlReport.of(mixed, STARTED);
        assertThat(page)
                .contains("3 promises are broken.")
                .contains("href=\"#v1/hvm-pv/KEPT\"")
                .contains("aria-label=\"Kept promises in v1/pv-pv: 3 of 3 kept, 1 not applicable\"");
        Matcher json = Pattern.compile("<script type=\"application/json\" id=\"document\">(.*?)</script>")
                .matcher(page);
        assertThat(json.find()).isTrue();
        JsonNode document = JSON.readTree(json.group(1));
        assertThat(document.get("families")
                        .get(0)
                        .get("clauses")
                        .get(0)
                        .get("promise")
                        .asString())
                .isEqualTo("A good mapping is <refused> & called </script>.");
    }

    @Test
    void everyPromiseKeptIsSaid() {
        assertThat(HtmlReport.of(Examples.run(1, List.of(new KeptClauses()), "pv"), STARTED))
                .contains("Every promise is kept.");
    }

    @Test
    void allReportsAreWritten(@TempDir Path directory) throws Exception {
        Path deep = directory.resolve("target/matrix");
        Reports.write(mixed, STARTED, deep);
        assertThat(deep.resolve("matrix.html")).isNotEmptyFile();
        assertThat(deep.resolve("matrix.json")).isNotEmptyFile();
        assertThat(Files.readString(deep.resolve("matrix.junit.xml"))).startsWith("<?xml");
    }

    // ---- catalogue and installed

    @Test
    void theCatalogueIsPrintedWithSourcesAndNeeds() {
        Catalogue catalogue = Catalogue.of(List.of(new KeptClauses(), new BrokenClauses()));
        assertThat(CatalogueReport.text(catalogue, Paint.NONE))
                .contains("KEPT  Kept promises")
                .contains("  KEPT-02 Runs where entries have names.")
                .contains("needs   grantee paging: names-entries")
                .contains("source  grant_table.h")
                .endsWith("7 clauses in 2 families\n");
        JsonNode json = JSON.readTree(CatalogueReport.json(catalogue));
        assertThat(json.get(1).get("clauses").get(2).get("needs").get(0).asString())
                .isEqualTo("grantee paging: not names-entries");
        assertThat(CatalogueReport.markdown(catalogue))
                .contains("## KEPT: Kept promises\n\n| clause | promise | needs | source |\n")
                .contains(
                        "| KEPT-02 | Runs where entries have names. | grantee paging: names-entries | grant\\_table.h");
    }

    @Test
    void whatIsInstalledIsPrintedWithCapabilities() {
        assertThat(InstalledReport.text(Examples.INSTALLED, Paint.NONE))
                .contains("Grant formats", "v1", "layout-v1", "the 8-byte entry of version 1", "off-heap");
        JsonNode json = JSON.readTree(InstalledReport.json(Examples.INSTALLED));
        assertThat(json.get("pagingModes").get(0).get("name").asString()).isEqualTo("hvm");
        assertThat(json.get("pagingModes")
                        .get(0)
                        .get("capabilities")
                        .get(0)
                        .get("id")
                        .asString())
                .isNotEmpty();
    }
}
