package grantlab.iommu;

import static grantlab.api.Capability.BUS_IS_MACHINE;
import static grantlab.api.Capability.CONFINED_DEVICES;
import static grantlab.api.Capability.SHARED_TABLES;
import static grantlab.api.Capability.WRITE_ONLY_ENTRIES;
import static grantlab.iommu.DeviceWorld.READ;
import static grantlab.iommu.DeviceWorld.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.iommu.IommuProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kinds declare, and that it is so. */
class KindsTest {
    @Test
    void theKindsAndWhatTheyDeclare() {
        Map<String, Set<Capability>> found =
                DeviceWorld.providers().collect(Collectors.toMap(IommuProvider::name, IommuProvider::capabilities));

        assertThat(found)
                .isEqualTo(Map.of(
                        "off", Set.of(BUS_IS_MACHINE),
                        "identity", Set.of(BUS_IS_MACHINE, CONFINED_DEVICES),
                        "shared", Set.of(CONFINED_DEVICES, SHARED_TABLES),
                        "separate", Set.of(CONFINED_DEVICES),
                        "separate-wo", Set.of(CONFINED_DEVICES, WRITE_ONLY_ENTRIES)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "identity", "shared", "separate", "separate-wo"})
    void whatIsDeclaredIsSo(String kind) {
        Set<Capability> declared = DeviceWorld.provider(kind).capabilities();
        try (DeviceWorld world = new DeviceWorld(kind)) {
            long mfn = world.granted(Page.ORDER_4K);
            long dfn = world.dfn(0, mfn);

            assertThat(dfn == mfn).isEqualTo(declared.contains(BUS_IS_MACHINE));
            assertThat(world.space.followsPhysicalMap()).isEqualTo(declared.contains(SHARED_TABLES));
            assertThat(world.read(dfn) == -DeviceFault.NOT_MAPPED).isEqualTo(declared.contains(CONFINED_DEVICES));

            world.map(dfn, mfn, Page.ORDER_4K, WRITE);
            int status = world.space.sink(dfn, mfn, Page.ORDER_4K, world.granted(Page.ORDER_4K));
            assertThat(status).isEqualTo(declared.contains(WRITE_ONLY_ENTRIES) ? Status.MODIFIED : Status.UNSUPPORTED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "separate"})
    void writeOnlyIsRefusedWhereItDoesNotExist(String kind) {
        try (DeviceWorld world = new DeviceWorld(kind)) {
            long mfn = world.granted(Page.ORDER_4K);
            long dfn = world.dfn(0, mfn);

            assertThat(world.space.map(dfn, mfn, Page.ORDER_4K, Access.WRITE)).isEqualTo(Status.UNSUPPORTED);
            assertThat(world.space.entry(dfn)).isEqualTo(DeviceSpace.NO_ENTRY);
        }
    }

    /** p2m_get_iommu_flags. */
    @Test
    void sharedTablesGiveTheRightsOfTheType() {
        try (DeviceWorld world = new DeviceWorld("shared")) {
            Map<Integer, Integer> rights = Map.of(
                    PhysicalMap.RAM_RW, WRITE,
                    PhysicalMap.RAM_RO, READ,
                    PhysicalMap.GRANT_RW, WRITE,
                    PhysicalMap.GRANT_RO, READ,
                    PhysicalMap.V3_GRANT_RW, WRITE,
                    PhysicalMap.V3_GRANT_RO, READ,
                    PhysicalMap.FOREIGN, WRITE,
                    PhysicalMap.TABLE_FRAME, WRITE);
            long mfn = world.granted(Page.ORDER_2M);
            for (Map.Entry<Integer, Integer> each : rights.entrySet()) {
                world.map.set(512, mfn, Page.ORDER_2M, each.getKey());
                assertThat(world.space.entry(513))
                        .as("type %d", each.getKey())
                        .isEqualTo(DeviceSpace.entry(mfn + 1, Page.ORDER_2M, each.getValue()));
            }
            assertThat(world.space.findNext(mfn + 7, 0)).isEqualTo(512 + 7);
            assertThat(world.space.next(0)).isEqualTo(512);
        }
    }

    /** Without an IOMMU nothing stands between a device and what nobody gave it. */
    @Test
    void offReachesAllOfRamAndSaysSo() {
        try (DeviceWorld world = new DeviceWorld("off")) {
            long mfn = world.granted(Page.ORDER_4K);
            world.fill(mfn, 77);

            assertThat(world.read(mfn)).isEqualTo(77);
            assertThat(world.write(mfn, 78)).isZero();
            assertThat(world.content(mfn)).isEqualTo(78);
            assertThat(world.space.findNext(mfn, 0)).isEqualTo(mfn);
            assertThat(world.read(1L << 30)).isEqualTo(-DeviceFault.NOT_MAPPED);
        }
    }
}
