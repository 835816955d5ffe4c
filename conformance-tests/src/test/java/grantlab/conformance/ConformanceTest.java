package grantlab.conformance;

import grantlab.conformance.junit.ConformanceSuite;
import grantlab.hypervisor.Installed;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every clause in every combination of formats and paging modes that are installed here, as JUnit sees it. Of formats that
 * differ from another one only in the height of their trees it is one combination each, and each kind of IOMMU, each transport and each
 * layout of queues stands in two or three: the command has them all.
 */
class ConformanceTest implements ConformanceSuite {
    /** Trees of other heights than the usual one. */
    private static final Pattern HEIGHTS = Pattern.compile("v3-tree-[0-9]/.*");

    private static final Set<String> OF_HEIGHTS = Set.of("v3-tree-1/hvm-pv", "v3-tree-3/pv-hvm", "v3-tree-4/hvm-hvm");

    private static final List<Selection> WITH_DEVICES = List.of(
            devices("v1", "pv-pv", "off", "identity"),
            devices("v2", "hvm-pv", "identity"),
            devices("v1", "hvm-hvm", "shared"),
            devices("v2", "pv-hvm", "separate"),
            devices("v3-tree", "pv-pv", "off", "identity"),
            devices("v3-tree", "pv-hvm", "shared", "separate-wo"),
            devices("v3-tree", "hvm-hvm", "separate", "separate-wo"));

    private static final List<Selection> WITH_VIRTIO = List.of(
            virtio("v1", "hvm-pv", "virtio-shared-table", "identity", "split"),
            virtio("v1", "pv-hvm", "virtio-iommu", "separate-wo", "packed"),
            virtio("v2", "pv-hvm", "virtio-shared-table", "none", "packed"),
            virtio("v2", "hvm-pv", "virtio-iommu", "none", "split"),
            virtio("v3-tree", "pv-pv", "virtio-grants", "identity", "packed"),
            virtio("v3-tree", "hvm-hvm", "virtio-grants", "separate-wo", "split"),
            virtio("v3-tree", "hvm-pv", "virtio-shared-table", "none", "split"),
            virtio("v3-tree", "hvm-hvm", "virtio-iommu", "shared", "split"),
            virtio("v3-tree", "pv-pv", "virtio-iommu-lazy", "none", "packed"));

    private static Selection virtio(String format, String paging, String transport, String iommu, String queue) {
        return new Selection(List.of(format), List.of(paging))
                .with(Member.TRANSPORT, List.of(transport))
                .with(Member.IOMMU, List.of(iommu))
                .with(Member.QUEUE, List.of(queue));
    }

    private static Selection devices(String format, String paging, String... iommus) {
        return new Selection(List.of(format), List.of(paging)).with(Member.IOMMU, List.of(iommus));
    }

    private static final Pattern ALIKE = Pattern.compile("memory-handles/(hvm-hvm|pv-pv)|[^/]+/(hvm-hvm|pv-pv)/.*");

    @Override
    public boolean includes(Combination combination) {
        return !ALIKE.matcher(combination.name()).matches() && isOfHeight(combination);
    }

    private static boolean isOfHeight(Combination combination) {
        return !HEIGHTS.matcher(combination.name()).matches() || OF_HEIGHTS.contains(combination.name());
    }

    @Override
    public Stream<Combination> combinations(Installed installed) {
        return Stream.of(
                        ConformanceSuite.super.combinations(installed),
                        WITH_DEVICES.stream().flatMap(selection -> selection.combinations(installed).stream()),
                        WITH_VIRTIO.stream().flatMap(selection -> selection.combinations(installed).stream()))
                .flatMap(combinations -> combinations);
    }
}
