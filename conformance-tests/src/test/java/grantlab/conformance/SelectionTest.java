package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.hypervisor.ConfigurationException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        hvm            | v1/hvm-hvm
        hvm-pv         | v1/hvm-pv
        pv,hvm         | v1/pv-pv v1/pv-hvm v1/hvm-pv v1/hvm-hvm
        pv,hvm-pv      | v1/pv-pv v1/hvm-pv
        pv-pv,pv       | v1/pv-pv
        """)
    void namesStandForPairs(String pagings, String expected) {
        Selection selection = new Selection(List.of("v1"), List.of(pagings.split(",")));
        assertThat(selection.combinations(Examples.INSTALLED))
                .extracting(Combination::name)
                .containsExactly(expected.split(" "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        v1             | v1/pv-pv
        v2,v1          | v2/pv-pv v1/pv-pv
        v1-v2          | v1-v2/pv-pv
        v2-v1,v1,v1-v1 | v2-v1/pv-pv v1/pv-pv
        """)
    void formatsArePairedWhereSaid(String formats, String expected) {
        Selection selection = new Selection(List.of(formats.split(",")), List.of("pv"));
        assertThat(selection.combinations(Examples.INSTALLED))
                .extracting(Combination::name)
                .containsExactly(expected.split(" "));
    }

    @Test
    void withoutAChoiceFormatsThatDifferArePairedAfterThoseThatDoNot() {
        assertThat(new Selection(List.of(), List.of("pv")).combinations(Examples.INSTALLED))
                .extracting(Combination::formats)
                .containsSubsequence("v1", "v2", "v1-v2", "v2-v1");
    }

    @Test
    void nothingChosenIsEverything() {
        assertThat(Selection.ALL.combinations(Examples.INSTALLED))
                .extracting(Combination::name)
                .contains("v1/pv-pv", "v1/pv-hvm", "v1/hvm-pv", "v1/hvm-hvm");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        pv,hvm  | identity         | v1/pv-pv/identity v1/hvm-pv/identity
        pv,hvm  | shared           | v1/pv-hvm/shared v1/hvm-hvm/shared
        hvm-pv  | off,identity     | v1/hvm-pv/off v1/hvm-pv/identity
        pv,hvm  | strict           | v1/pv-pv/identity v1/pv-hvm/separate-wo v1/hvm-pv/identity v1/hvm-hvm/separate-wo
        hvm     | strict,separate-wo,separate | v1/hvm-hvm/separate-wo v1/hvm-hvm/separate
        """)
    void anIommuGoesWithTheGranteesThatItServes(String pagings, String iommus, String expected) {
        assertThat(selection(pagings, iommus).combinations(Examples.INSTALLED))
                .extracting(Combination::name)
                .containsExactly(expected.split(" "));
    }

    private static Selection selection(String pagings, String iommus) {
        return new Selection(List.of("v1"), List.of(pagings.split(","))).with(Member.IOMMU, List.of(iommus.split(",")));
    }

    @Test
    void anIommuThatServesNoChosenGranteeIsRefused() {
        assertThatThrownBy(() -> selection("hvm-pv", "identity,shared").combinations(Examples.INSTALLED))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'shared'")
                .hasMessageContaining("(hvm)");
        assertThatThrownBy(() -> selection("pv", "smmu").combinations(Examples.INSTALLED))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("smmu")
                .hasMessageContaining("identity, off, separate, separate-wo, shared, strict");
    }

    @Test
    void withoutAChoiceTheStrictestIommusAreAddedWhereClausesAreAboutThem() {
        Selection selection = new Selection(List.of("v1", "v1-v2"), List.of("hvm-pv", "hvm"));
        Catalogue installed = Catalogue.installed();
        assertThat(selection.combinations(Examples.INSTALLED, installed.select(List.of("IOMMU-*"))))
                .extracting(Combination::name)
                .containsExactly(
                        "v1/hvm-hvm",
                        "v1/hvm-pv",
                        "v1-v2/hvm-hvm",
                        "v1-v2/hvm-pv",
                        "v1/hvm-hvm/separate-wo",
                        "v1/hvm-pv/identity");
        assertThat(selection.combinations(Examples.INSTALLED, installed.select(List.of("MAP-*"))))
                .hasSize(4);
        assertThat(selection
                        .with(Member.IOMMU, List.of("identity"))
                        .combinations(Examples.INSTALLED, installed.select(List.of("MAP-*"))))
                .extracting(Combination::name)
                .containsExactly("v1/hvm-pv/identity", "v1-v2/hvm-pv/identity");
    }

    @Test
    void withoutAChoiceTransportsAndQueuesAreAddedBesideEachOtherWhereClausesAreAboutThem() {
        Catalogue virtio = Catalogue.installed().select(List.of("VIRTIO-30"));
        assertThat(new Selection(List.of("v1"), List.of("hvm-pv")).combinations(Examples.INSTALLED, virtio))
                .extracting(Combination::name)
                .containsExactly(
                        "v1/hvm-pv",
                        "v1/hvm-pv/virtio-iommu/split",
                        "v1/hvm-pv/virtio-iommu/packed",
                        "v1/hvm-pv/virtio-shared-table/split",
                        "v1/hvm-pv/virtio-shared-table/packed",
                        "v1/hvm-pv/virtio-iommu/identity/split",
                        "v1/hvm-pv/virtio-iommu/identity/packed",
                        "v1/hvm-pv/virtio-shared-table/identity/split",
                        "v1/hvm-pv/virtio-shared-table/identity/packed");
        Catalogue concerned = Catalogue.installed().select(List.of("VIRTIO-01"));
        assertThat(new Selection(List.of("v3-tree", "v3-tree-3"), List.of("pv"))
                        .with(Member.QUEUE, List.of("packed"))
                        .combinations(Examples.INSTALLED, concerned))
                .extracting(Combination::name)
                .containsExactlyInAnyOrder(
                        "v3-tree/pv-pv/virtio-grants/packed",
                        "v3-tree/pv-pv/virtio-iommu/packed",
                        "v3-tree/pv-pv/virtio-shared-table/packed",
                        "v3-tree/pv-pv/virtio-grants/identity/packed",
                        "v3-tree/pv-pv/virtio-iommu/identity/packed",
                        "v3-tree/pv-pv/virtio-shared-table/identity/packed");
    }

    @Test
    void aTransportThatIsChosenStandsWithItsQueuesAndNotAlone() {
        Catalogue virtio = Catalogue.installed().select(List.of("VIRTIO-30"));
        Selection selection = new Selection(List.of("v3-tree"), List.of("hvm"))
                .with(Member.TRANSPORT, List.of("virtio-grants", "none"))
                .with(Member.IOMMU, List.of("none"));
        assertThat(selection.combinations(Examples.INSTALLED, virtio))
                .extracting(Combination::name)
                .containsExactly(
                        "v3-tree/hvm-hvm",
                        "v3-tree/hvm-hvm/virtio-grants/split",
                        "v3-tree/hvm-hvm/virtio-grants/packed");
    }

    @Test
    void aTransportThatGoesWithNoChosenFormatIsRefused() {
        assertThatThrownBy(() -> new Selection(List.of("v1"), List.of("pv"))
                        .with(Member.TRANSPORT, List.of("virtio-grants"))
                        .combinations(Examples.INSTALLED))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'virtio-grants'")
                .hasMessageContaining("(trees)");
        assertThatThrownBy(() -> new Selection(List.of("v1"), List.of("pv"))
                        .with(Member.QUEUE, List.of("round"))
                        .combinations(Examples.INSTALLED))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("split, packed");
        assertThatThrownBy(() -> new Selection(List.of("v1"), List.of("pv"))
                        .with(Member.QUEUE, List.of("split"))
                        .combinations(Examples.INSTALLED))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("--transport");
    }

    @Test
    void anUnknownPagingModeIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> new Selection(List.of(), List.of("pvh-pv")).combinations(Examples.INSTALLED))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'pvh-pv'")
                .hasMessageContaining("hvm, pv");
    }

    @Test
    void anUnknownFormatIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> new Selection(List.of("v9"), List.of()).combinations(Examples.INSTALLED))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("v9")
                .hasMessageContaining("v1");
    }
}
