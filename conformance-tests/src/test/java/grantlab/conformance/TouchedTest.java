package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TouchedTest {
    private static final Installed INSTALLED = Installed.find();

    private static List<String> names(Selection selection, String... packages) {
        return Touched.named(Set.of(packages)).within(selection.combinations(INSTALLED), INSTALLED).stream()
                .map(Combination::name)
                .toList();
    }

    @Test
    void ofAFormatItIsWhereGranterOrGranteeHasIt() {
        assertThat(names(new Selection(List.of("v1", "v2", "v1-v2", "v2-v1"), List.of("pv")), "grantlab.grant.v1"))
                .containsExactly("v1/pv-pv", "v1-v2/pv-pv", "v2-v1/pv-pv");
    }

    @Test
    void ofAPagingModeItIsWhereEitherSideHasIt() {
        assertThat(names(Selection.formats("v2"), "grantlab.paging.pv"))
                .containsExactlyInAnyOrder("v2/pv-pv", "v2/pv-hvm", "v2/hvm-pv");
    }

    @Test
    void ofAnIommuItIsWhereDevicesAre() {
        Selection selection =
                new Selection(List.of("v1"), List.of("pv")).with(Member.IOMMU, List.of("none", "identity"));
        assertThat(names(selection, "grantlab.iommu")).containsExactly("v1/pv-pv/identity");
    }

    @Test
    void ofSeveralItIsWhereAnyStands() {
        assertThat(names(
                        new Selection(List.of("v1", "v2", "v3-tree"), List.of("pv")),
                        "grantlab.grant.v1",
                        "grantlab.grant.v2"))
                .containsExactly("v1/pv-pv", "v2/pv-pv");
    }

    @Test
    void whatStandsNowhereIsAtWorkEverywhere() {
        Selection selection = new Selection(List.of("v1", "v2"), List.of("pv"));
        for (String everywhere :
                List.of("grantlab.hypervisor", "grantlab.p2m", "grantlab.api", "grantlab.conformance")) {
            assertThat(names(selection, "grantlab.grant.v1", everywhere))
                    .as(everywhere)
                    .hasSize(2);
        }
        assertThat(Touched.ANYTHING.within(selection.combinations(INSTALLED), INSTALLED))
                .hasSize(2);
    }

    @Test
    void nothingIsNoSuccess() {
        assertThatThrownBy(() -> names(Selection.formats("v2"), "grantlab.grant.v1"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("grantlab.grant.v1 stands in none of the chosen combinations");
        assertThatThrownBy(() -> Touched.named(List.of("grant-v1")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'grant-v1'");
    }
}
