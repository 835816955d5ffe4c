package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.conformance.example.BrokenClauses;
import grantlab.conformance.example.KeptClauses;
import grantlab.conformance.report.CatalogueReport;
import grantlab.conformance.report.Paint;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    private final Catalogue catalogue = Catalogue.of(List.of(new KeptClauses(), new BrokenClauses()));

    @Test
    void readsFamiliesAndClausesInTheOrderOfTheirIds() {
        assertThat(catalogue.families()).extracting(Family::prefix).containsExactly("BROKEN", "KEPT");
        assertThat(catalogue.promises())
                .extracting(Promise::id)
                .containsExactly("BROKEN-01", "BROKEN-02", "BROKEN-03", "KEPT-01", "KEPT-02", "KEPT-03", "KEPT-04");
    }

    @Test
    void readsWhatAClauseNeedsAndLacks() {
        assertThat(catalogue.promise("KEPT-02").orElseThrow().requirements())
                .containsExactly(new Requirement(Member.GRANTEE, "names-entries", true));
        assertThat(catalogue.promise("KEPT-03").orElseThrow().requirements())
                .containsExactly(new Requirement(Member.GRANTEE, "names-entries", false));
    }

    @Test
    void readsWhichFurtherPlacesAClauseConcerns() {
        Catalogue concerned = Catalogue.of(List.of(new Concerned()));
        assertThat(concerned.promise("ODD-01").orElseThrow().concerns()).containsExactly(Member.IOMMU);
        assertThat(concerned.promise("ODD-02").orElseThrow().concerns()).containsExactly(Member.IOMMU);
        assertThat(catalogue.promise("KEPT-01").orElseThrow().concerns()).isEmpty();
    }

    /** Of combinations with the same names in the places that are asked, the first in which the clause is applicable has it. */
    @Test
    void whatAsksSomebodyDirectlyDoesSoOnce() {
        List<Combination> all =
                new Selection(List.of("v1", "v2"), List.of("hvm", "pv")).combinations(Examples.INSTALLED);
        Catalogue direct = Catalogue.of(List.of(new Direct()));
        assertThat(direct.promise("ODD-01").orElseThrow().among(all))
                .extracting(Combination::name)
                .containsExactly("v1/hvm-hvm", "v1/hvm-pv");
        Promise second = direct.promise("ODD-02").orElseThrow();
        assertThat(second.among(all))
                .filteredOn(combination -> second.notApplicableIn(combination).isEmpty())
                .extracting(Combination::name)
                .containsExactly("v2/hvm-hvm", "v2/hvm-pv");
        assertThat(catalogue.promise("KEPT-01").orElseThrow().among(all)).isEqualTo(all);
    }

    /** Where a place is taken only those run that it concerns; what asks something of a place does not run where it is empty. */
    @Test
    void aFurtherPlaceIsForClausesThatItConcerns() {
        Combination without = Combination.of(Examples.INSTALLED, Pair.same("v1"), Pair.same("pv"));
        Combination with = without.with(Member.IOMMU, Choice.of(Examples.INSTALLED.iommu("identity")));
        Catalogue concerned = Catalogue.of(List.of(new Concerned()));
        Promise anywhere = concerned.promise("ODD-01").orElseThrow();
        Promise needing = concerned.promise("ODD-02").orElseThrow();
        Promise other = catalogue.promise("KEPT-01").orElseThrow();
        assertThat(with.name()).isEqualTo("v1/pv-pv/identity");
        assertThat(anywhere.notApplicableIn(without)).isEmpty();
        assertThat(anywhere.notApplicableIn(with)).isEmpty();
        assertThat(needing.notApplicableIn(without)).contains("there is no IOMMU");
        assertThat(needing.notApplicableIn(with)).contains("IOMMU identity does not declare write-only-entries");
        assertThat(other.notApplicableIn(without)).isEmpty();
        assertThat(other.notApplicableIn(with)).contains("the IOMMU plays no part: see v1/pv-pv");
    }

    @Test
    void everyInstalledClauseAsksForCapabilitiesThatExist() {
        Catalogue installed = Catalogue.installed();
        installed.checkCapabilities(Examples.INSTALLED);
        assertThat(installed.promises()).isNotEmpty();
    }

    @Test
    void refusesACapabilityThatNobodyKnows() {
        assertThatThrownBy(() -> Catalogue.of(List.of(new Misspelt())).checkCapabilities(Examples.INSTALLED))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ODD-01")
                .hasMessageContaining("'names-entry'")
                .hasMessageContaining("names-entries");
    }

    @Test
    void refusesTwoClausesWithOneId() {
        assertThatThrownBy(() -> Catalogue.of(List.of(new Twins())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ODD-01");
    }

    @Test
    void refusesTwoFamiliesWithOnePrefix() {
        assertThatThrownBy(() -> Catalogue.of(List.of(new KeptClauses(), new KeptClauses())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("KEPT");
    }

    @Test
    void refusesAnIdOfAnotherFamily() {
        assertThatThrownBy(() -> Catalogue.of(List.of(new Foreign())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("MAP-1")
                .hasMessageContaining("ODD-NN");
    }

    @Test
    void refusesAMethodThatIsNoClause() {
        assertThatThrownBy(() -> Catalogue.of(List.of(new WrongShape())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("void noClause(World world)");
    }

    @Test
    void refusesAFamilyWithoutClauses() {
        assertThatThrownBy(() -> Catalogue.of(List.of(new Odd())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("@Clause");
    }

    /** Ids of three digits stand behind those of two, and what is said of a part's class holds for its clauses alone. */
    @Test
    void readsTheClausesOfPartsWithThoseOfTheFamily() {
        Catalogue parted = Catalogue.of(List.of(new Parted()));
        assertThat(parted.promises()).extracting(Promise::id).containsExactly("ODD-02", "ODD-18", "ODD-134");
        assertThat(parted.promise("ODD-134").orElseThrow().requirements())
                .containsExactly(new Requirement(Member.GRANTEE, "names-entries", true));
        assertThat(parted.promise("ODD-18").orElseThrow().requirements()).isEmpty();
        assertThat(parted.promise("ODD-18").orElseThrow().declaredIn()).isEqualTo(FirstPart.class);
    }

    @Test
    void runsTheClausesOfPartsOnThePart() {
        Combination combination = Combination.of(Examples.INSTALLED, Pair.same("v1"), Pair.same("pv"));
        Cell cell = new Trial(
                        Catalogue.of(List.of(new Parted())).promise("ODD-18").orElseThrow(),
                        combination,
                        Settings.usual(),
                        Examples.INSTALLED,
                        1)
                .run();
        assertThat(cell.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.message()).contains("the first part was here"));
    }

    @Test
    void aClauseThatIsOutOfScopeIsNotApplicableAnywhereAndNeverRun() {
        Combination combination = Combination.of(Examples.INSTALLED, Pair.same("v1"), Pair.same("pv"));
        Promise promise = Catalogue.of(List.of(new Parted())).promise("ODD-02").orElseThrow();
        assertThat(promise.notApplicableIn(combination)).contains("there is no such thing here");
        Cell cell = new Trial(promise, combination, Settings.usual(), Examples.INSTALLED, 1).run();
        assertThat(cell.outcome()).isEqualTo(new Outcome.NotApplicable("there is no such thing here"));
        assertThat(CatalogueReport.text(Catalogue.of(List.of(new Parted())), Paint.NONE))
                .contains("n/a     there is no such thing here");
        assertThat(CatalogueReport.json(Catalogue.of(List.of(new Parted()))))
                .containsOnlyOnce("\"outOfScope\"")
                .contains("\"outOfScope\" : \"there is no such thing here\"");
    }

    @Test
    void refusesTwoClausesWithOneIdInDifferentParts() {
        assertThatThrownBy(() -> Catalogue.of(List.of(new TwinParts())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ODD-18")
                .hasMessageContaining("FirstPart.first");
    }

    @Test
    void refusesAPartWithoutClausesAndAnEmptyReason() {
        assertThatThrownBy(() -> Catalogue.of(List.of(new EmptyPart())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("java.lang.String")
                .hasMessageContaining("@Clause");
        assertThatThrownBy(() -> Catalogue.of(List.of(new Unreasoned())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ODD-01")
                .hasMessageContaining("reason");
    }

    @Test
    void selectsByGlobInEitherCase() {
        assertThat(catalogue.select(List.of("kept-0?", "BROKEN-02")).promises())
                .extracting(Promise::id)
                .containsExactly("BROKEN-02", "KEPT-01", "KEPT-02", "KEPT-03", "KEPT-04");
    }

    @Test
    void refusesAGlobThatMatchesNothingAndListsTheFamilies() {
        assertThatThrownBy(() -> catalogue.select(List.of("KEPT-*", "MAP.*")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'MAP.*'")
                .hasMessageContaining("BROKEN-*, KEPT-*");
    }

    static class Odd implements ClauseFamily {
        @Override
        public String prefix() {
            return "ODD";
        }

        @Override
        public String title() {
            return "Odd declarations";
        }
    }

    static final class Concerned extends Odd {
        @Concerns(Member.IOMMU)
        @Clause(id = "ODD-01", promise = "p", source = "s")
        void anywhere(World world) {}

        @Needs(iommu = "write-only-entries")
        @Clause(id = "ODD-02", promise = "p", source = "s")
        void there(World world) {}
    }

    @OnceFor(Member.GRANTEE)
    static final class Direct extends Odd {
        @Clause(id = "ODD-01", promise = "p", source = "s")
        void anybody(World world) {}

        @Needs(format = "layout-v2")
        @Clause(id = "ODD-02", promise = "p", source = "s")
        void second(World world) {}
    }

    static final class Misspelt extends Odd {
        @Needs(grantee = "names-entry")
        @Clause(id = "ODD-01", promise = "p", source = "s")
        void misspelt(World world) {}
    }

    static final class Twins extends Odd {
        @Clause(id = "ODD-01", promise = "p", source = "s")
        void first(World world) {}

        @Clause(id = "ODD-01", promise = "p", source = "s")
        void second(World world) {}
    }

    static final class Foreign extends Odd {
        @Clause(id = "MAP-1", promise = "p", source = "s")
        void foreign(World world) {}
    }

    static final class WrongShape extends Odd {
        @Clause(id = "ODD-01", promise = "p", source = "s")
        int noClause() {
            return 1;
        }
    }

    static final class Parted extends Odd {
        @Override
        public List<Object> parts() {
            return List.of(new SecondPart(), new FirstPart());
        }

        @OutOfScope("there is no such thing here")
        @Clause(id = "ODD-02", promise = "p", source = "s")
        void nowhere(World world) {
            Expect.holds("it is never run", false);
        }
    }

    static final class FirstPart {
        @Clause(id = "ODD-18", promise = "p", source = "s")
        void first(World world) {
            Expect.holds("the first part was here", false);
        }
    }

    @Needs(grantee = "names-entries")
    static final class SecondPart {
        @Clause(id = "ODD-134", promise = "p", source = "s")
        void second(World world) {}
    }

    static final class TwinParts extends Odd {
        @Override
        public List<Object> parts() {
            return List.of(new FirstPart(), new FirstPart());
        }
    }

    static final class EmptyPart extends Odd {
        @Override
        public List<Object> parts() {
            return List.of(new FirstPart(), "no clause");
        }
    }

    static final class Unreasoned extends Odd {
        @OutOfScope(" ")
        @Clause(id = "ODD-01", promise = "p", source = "s")
        void unreasoned(World world) {}
    }
}
