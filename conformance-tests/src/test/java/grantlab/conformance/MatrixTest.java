package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.conformance.example.BrokenClauses;
import grantlab.conformance.example.KeptClauses;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Settings;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The kit held to its own promises: it must see what is broken, and say enough. */
class MatrixTest {
    @Test
    void aKeptPromiseIsPassedAndCosts() {
        Cell cell = cell(Examples.run(1, List.of(new KeptClauses()), "pv"), "KEPT-01", "v1/pv-pv");
        assertThat(cell.verdict()).isEqualTo(Verdict.PASSED);
        assertThat(cell.cost().hypercalls()).isGreaterThanOrEqualTo(2);
        assertThat(cell.cost().stores()).isPositive();
    }

    @Test
    void aMissingCapabilityMakesAClauseNotApplicableWithTheReason() {
        MatrixResult result = Examples.run(1, List.of(new KeptClauses()), "pv", "hvm");
        assertThat(reason(cell(result, "KEPT-02", "v1/pv-hvm")))
                .isEqualTo("grantee paging hvm does not declare names-entries");
        assertThat(reason(cell(result, "KEPT-03", "v1/hvm-pv"))).isEqualTo("grantee paging pv declares names-entries");
        assertThat(cell(result, "KEPT-02", "v1/hvm-pv").verdict()).isEqualTo(Verdict.PASSED);
        assertThat(cell(result, "KEPT-03", "v1/pv-hvm").verdict()).isEqualTo(Verdict.PASSED);
        assertThat(result.success()).isTrue();
    }

    @Test
    void aBrokenPromiseIsReportedWithItsStepAndBothDomains() {
        Outcome.Failed failed = failed(cell(Examples.mixed(), "BROKEN-01", "v1/pv-pv"));
        assertThat(failed.error()).isFalse();
        assertThat(failed.comparison())
                .isEqualTo(new Comparison("status of the call", "GNTST_bad_gntref (-3)", "GNTST_okay (0)"));
        assertThat(failed.steps())
                .extracting(Step::text)
                .containsExactly("the granter grants p0", "the grantee maps it");
        assertThat(failed.steps().getLast().calls())
                .singleElement()
                .asString()
                .startsWith("@d2 map addr=m0 flags=0x6 dom=d1 ref=8  # rc=0 status=0");
        assertThat(failed.location()).matches("BrokenClauses.java:\\d+");
        assertThat(failed.states()).extracting(DomainState::role).containsExactly("granter", "grantee");
        assertThat(failed.states().getFirst().text()).contains("domain 1", "ref 8");
        assertThat(failed.states().getLast().text()).contains("domain 2", "handle 0");
    }

    @Test
    void anExceptionIsAnErrorAndNoVerdictOnThePromise() {
        Cell cell = cell(Examples.mixed(), "BROKEN-02", "v1/hvm-pv");
        assertThat(cell.verdict()).isEqualTo(Verdict.ERROR);
        Outcome.Failed failed = failed(cell);
        assertThat(failed.message()).contains("IllegalStateException", "not what the clause looks at");
        assertThat(failed.trace()).isNotEmpty();
    }

    @Test
    void aRandomisedClauseDrawsTheSameFromTheSameSeedAndTellsIt() {
        KeptClauses first = new KeptClauses();
        KeptClauses again = new KeptClauses();
        KeptClauses other = new KeptClauses();
        Examples.run(42, List.of(first), "pv");
        Examples.run(42, List.of(again), "pv");
        Examples.run(43, List.of(other), "pv");
        assertThat(again.drawn).isEqualTo(first.drawn).isNotEqualTo(other.drawn);
        assertThat(failed(cell(Examples.mixed(), "BROKEN-03", "v1/pv-pv")).seed())
                .isEqualTo(7);
        assertThat(failed(cell(Examples.mixed(), "BROKEN-01", "v1/pv-pv")).seed())
                .isNull();
    }

    @Test
    void theOrderOfTheCellsIsThatOfTheCatalogue() {
        assertThat(Examples.mixed().cells())
                .extracting(Cell::name)
                .startsWith("v1/pv-pv/BROKEN-01", "v1/hvm-pv/BROKEN-01", "v1/pv-pv/BROKEN-02")
                .hasSize(14);
    }

    @Test
    void theListenerHearsOfEveryCell() {
        Catalogue catalogue = Catalogue.of(List.of(new KeptClauses()));
        List<Combination> combinations = Selection.ALL.combinations(Examples.INSTALLED);
        Matrix matrix = new Matrix(catalogue, combinations, Settings.usual(), Examples.INSTALLED, 1);
        CopyOnWriteArrayList<Cell> heard = new CopyOnWriteArrayList<>();
        MatrixResult result = matrix.run(heard::add);
        assertThat(heard).hasSize(matrix.size()).containsExactlyInAnyOrderElementsOf(result.cells());
    }

    @Test
    void nothingExecutedIsNoSuccess() {
        Catalogue catalogue = Catalogue.of(List.of(new KeptClauses())).select(List.of("KEPT-02"));
        List<Combination> hvm = new Selection(List.of("v1"), List.of("hvm")).combinations(Examples.INSTALLED);
        MatrixResult result =
                new Matrix(catalogue, hvm, Settings.usual(), Examples.INSTALLED, 1).run(Matrix.Listener.NONE);
        assertThat(result.broken()).isEmpty();
        assertThat(result.ranAnything()).isFalse();
        assertThat(result.success()).isFalse();
    }

    @Test
    void aMatrixOfNothingIsRefused() {
        List<Combination> combinations = Selection.ALL.combinations(Examples.INSTALLED);
        assertThatThrownBy(() ->
                        new Matrix(new Catalogue(List.of()), combinations, Settings.usual(), Examples.INSTALLED, 1))
                .isInstanceOf(ConfigurationException.class);
        assertThatThrownBy(() -> new Matrix(
                        Catalogue.of(List.of(new KeptClauses())), List.of(), Settings.usual(), Examples.INSTALLED, 1))
                .isInstanceOf(ConfigurationException.class);
    }

    @Test
    void aFrameThatNobodyGivesBackBreaksTheClauseThatLostIt() {
        Catalogue catalogue = Catalogue.of(List.of(new Careless()));
        List<Combination> pv = new Selection(List.of("v1"), List.of("pv")).combinations(Examples.INSTALLED);
        MatrixResult result =
                new Matrix(catalogue, pv, Settings.usual(), Examples.INSTALLED, 1).run(Matrix.Listener.NONE);
        Outcome.Failed failed = failed(cell(result, "CARELESS-01", "v1/pv-pv"));
        assertThat(failed.error()).isFalse();
        assertThat(failed.steps().getLast().text()).startsWith("afterwards");
    }

    @Test
    void theBodyOfABrokenFamilyIsFoundInItsOwnSource() {
        assertThat(failed(cell(Examples.mixed(), "BROKEN-03", "v1/pv-pv")).location())
                .startsWith(BrokenClauses.class.getSimpleName());
    }

    private static Cell cell(MatrixResult result, String id, String combination) {
        return result.cell(id, combination).orElseThrow();
    }

    private static Outcome.Failed failed(Cell cell) {
        assertThat(cell.outcome()).isInstanceOf(Outcome.Failed.class);
        return (Outcome.Failed) cell.outcome();
    }

    private static String reason(Cell cell) {
        assertThat(cell.outcome()).isInstanceOf(Outcome.NotApplicable.class);
        return ((Outcome.NotApplicable) cell.outcome()).reason();
    }

    /** Takes a reference behind everybody's back and never drops it. */
    static final class Careless implements ClauseFamily {
        @Override
        public String prefix() {
            return "CARELESS";
        }

        @Override
        public String title() {
            return "Carelessness";
        }

        @Clause(id = "CARELESS-01", promise = "References may be forgotten.", source = "nowhere")
        void forgets(World world) {
            long frame = world.granter().machineFrame(0);
            world.machine().frames().get(frame, 0, World.GRANTER);
        }
    }
}
