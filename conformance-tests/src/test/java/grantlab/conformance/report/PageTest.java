package grantlab.conformance.report;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.Catalogue;
import grantlab.conformance.Examples;
import grantlab.conformance.Matrix;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Selection;
import grantlab.conformance.example.BrokenClauses;
import grantlab.conformance.example.KeptClauses;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** matrix.html in a browser. Without Debian's package {@code chromium} it is skipped. */
class PageTest {
    @TempDir
    private static Path directory;

    private static Browser browser;

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Browser.isInstalled(), "there is no browser: install Debian's package chromium");
        Matrix matrix = new Matrix(
                Catalogue.of(List.of(new KeptClauses(), new BrokenClauses())),
                new Selection(List.of("v1", "v2"), List.of("pv", "hvm")).combinations(Examples.INSTALLED),
                Settings.usual(),
                Examples.INSTALLED,
                7);
        MatrixResult result = matrix.run(Matrix.Listener.NONE);
        Reports.write(result, Instant.EPOCH, directory);
        Path earlier = directory.resolve("earlier.json");
        Files.writeString(
                earlier,
                Files.readString(directory.resolve(Reports.JSON))
                        .replaceFirst("\"verdict\" : \"failed\"", "\"verdict\" : \"passed\""));
        Reports.write(result, Instant.EPOCH, EarlierRun.read(earlier), directory);
        browser = Browser.open(directory.resolve(Reports.HTML), Files.createDirectory(directory.resolve("profile")));
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
    }

    /** Everything is shown, and nothing is chosen. */
    @BeforeEach
    void everything() {
        browser.press("Escape");
        go("");
        browser.evaluate("document.querySelector('[data-show=all]').click()");
        unfold(true);
    }

    private static void go(String fragment) {
        browser.evaluate(
                "new Promise(done => { if (location.hash === '#" + fragment + "' || location.hash === '" + fragment
                        + "') done(); else { addEventListener('hashchange', () => setTimeout(done), { once: true }); location.hash = '"
                        + fragment + "'; } })");
    }

    private static void unfold(boolean open) {
        String wanted = open ? "Unfold all" : "Fold all";
        browser.evaluate("(() => { const fold = document.getElementById('fold');" + " if (fold.textContent === '"
                + wanted + "') fold.click(); })()");
    }

    private static int count(String selector) {
        return browser.evaluate("document.querySelectorAll(`" + selector + "`).length")
                .asInt();
    }

    private static String text(String selector) {
        return browser.evaluate("document.querySelector(`" + selector + "`).innerText")
                .asString();
    }

    private static void choose(String axis, String value) {
        browser.evaluate("(() => { const select = document.querySelector(`[data-axis=\"" + axis
                + "\"]`); select.value = '" + value + "'; select.dispatchEvent(new Event('change')); })()");
    }

    private static void type(String words) {
        browser.evaluate("(() => { const filter = document.getElementById('filter'); filter.value = '" + words
                + "'; filter.dispatchEvent(new Event('input')); })()");
    }

    private static int columnsShown() {
        return browser.evaluate(
                        "[...document.querySelectorAll('#grid tbody tr:first-child td')].filter(cell => !cell.hidden).length")
                .asInt();
    }

    @Test
    void aFilterLeavesWhatHasItsWords() {
        assertThat(count("details.clause")).isEqualTo(7);
        type("KEPT-02");
        assertThat(count("details.clause")).isEqualTo(1);
        assertThat(text("details.clause .id")).isEqualTo("KEPT-02");
        type("nothing at all has these words");
        assertThat(text("#detail .note")).isEqualTo("No clause matches.");
    }

    @Test
    void verdictsAreFiltered() {
        browser.evaluate("document.querySelector('[data-show=bad]').click()");
        assertThat(count("details.clause.bad")).isEqualTo(3);
        assertThat(count("details.clause")).isEqualTo(3);
        browser.evaluate("document.querySelector('[data-show=good]').click()");
        assertThat(count("details.clause.bad")).isZero();
    }

    @Test
    void groupsAreFoldedByButtonAndKey() {
        assertThat(count("details.family[open]")).isEqualTo(2);
        unfold(false);
        assertThat(count("details.family[open]")).isZero();
        browser.evaluate("document.activeElement.blur()");
        browser.press("f");
        assertThat(count("details.family[open]")).isEqualTo(2);
    }

    @Test
    void anAxisNarrowsGridAndList() {
        assertThat(columnsShown()).isEqualTo(8);
        choose("format", "v2");
        assertThat(columnsShown()).isEqualTo(4);
        choose("granter paging", "hvm");
        assertThat(columnsShown()).isEqualTo(2);
        assertThat(browser.evaluate("document.querySelector('.strip').children.length")
                        .asInt())
                .isEqualTo(2);
        choose("family", "KEPT");
        assertThat(count("#grid tbody tr:not([hidden])")).isEqualTo(1);
        browser.press("Escape");
        assertThat(columnsShown()).isEqualTo(8);
    }

    @Test
    void aDeepLinkOpensTheClause() {
        go("BROKEN-01");
        assertThat(count("details.clause[open]")).isEqualTo(1);
        assertThat(text("details.clause[open] .body")).contains("Source", "Needs", "Results", "v1/pv-pv", "v2/hvm-pv");
        go("v1/pv-pv/BROKEN-01");
        assertThat(text("details.clause[open] .failure .message")).isEqualTo("status of the call");
        assertThat(text("details.clause[open] .steps")).contains("the grantee maps it");
        assertThat(text("h2")).contains("v1/pv-pv");
    }

    @Test
    void aFailureShowsWhatItsLastStepChanged() {
        go("v1/pv-pv/BROKEN-01");
        assertThat(count(".states.pairs section")).isEqualTo(4);
        assertThat(text("[data-state=\"1\"] .come")).contains("ref 8").contains("pinned by d2");
        assertThat(text("[data-state=\"2\"] .come")).contains("handle 0");
    }

    @Test
    void whatAnEarlierRunSaidOtherwiseIsShown() {
        browser.evaluate("document.querySelector('[data-show=changed]').click()");
        assertThat(count("details.clause")).isEqualTo(1);
        go("v1/hvm-hvm/BROKEN-01");
        assertThat(count(".was") + count("details.clause")).isPositive();
        go("BROKEN-01");
        assertThat(text(".was")).isEqualTo("earlier: kept");
    }

    @Test
    void theGridIsWalkedByKeys() {
        browser.evaluate("document.querySelector('#grid tbody a').focus()");
        browser.press("ArrowRight");
        browser.press("ArrowDown");
        assertThat(browser.evaluate("document.activeElement.getAttribute('href')")
                        .asString())
                .endsWith("/KEPT");
        browser.press("/");
        assertThat(browser.evaluate("document.activeElement.id").asString()).isEqualTo("filter");
        browser.evaluate("document.activeElement.blur()");
    }

    @Test
    void nothingIsWiderThanANarrowWindow() {
        for (String scheme : List.of("light", "dark")) {
            browser.become(420, 900, scheme);
            go("v1/pv-pv/BROKEN-01");
            assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                    .isLessThanOrEqualTo(420);
            browser.become(1280, 900, scheme);
            assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor")
                            .asString())
                    .isEqualTo(scheme.equals("dark") ? "rgb(20, 23, 26)" : "rgb(250, 249, 246)");
        }
    }
}
