package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.hypervisor.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Promises that devices play no part in, in worlds whose guests own some. */
class BesideDevicesTest {
    private static MatrixResult run(Catalogue catalogue, String paging) {
        List<Combination> combinations = new Selection(List.of("v1"), List.of(paging))
                .with(Member.IOMMU, List.of("strict"))
                .combinations(Examples.INSTALLED);
        return new Matrix(catalogue, combinations, Settings.usual(), Examples.INSTALLED, 1).run(Matrix.Listener.NONE);
    }

    private static Outcome outcome(String clause, String paging) {
        Catalogue catalogue = Catalogue.installed().select(List.of(clause)).withDevicesBeside();
        return run(catalogue, paging).cells().getFirst().outcome();
    }

    @Test
    void shouldRunWhereAnIommuPlaysNoPartOnlyWhenAsked() {
        Catalogue usual = Catalogue.installed().select(List.of("MAP-01"));
        assertThat(run(usual, "hvm").ranAnything()).isFalse();
        assertThat(outcome("MAP-01", "hvm")).isInstanceOf(Outcome.Passed.class);
        assertThat(outcome("MAP-01", "pv")).isInstanceOf(Outcome.Passed.class);
    }

    @Test
    void shouldSayWhyWhatDevicesDisturbIsLeftOut() {
        assertThat(outcome("PIN-01", "pv"))
                .isInstanceOfSatisfying(
                        Outcome.NotApplicable.class,
                        left -> assertThat(left.reason()).contains("one reference more"));
        assertThat(outcome("PIN-01", "hvm")).isInstanceOf(Outcome.Passed.class);
    }

    @Test
    void shouldLeaveClausesAboutDevicesAsTheyAre() {
        assertThat(outcome("IOMMU-01", "hvm")).isInstanceOf(Outcome.Passed.class);
    }
}
