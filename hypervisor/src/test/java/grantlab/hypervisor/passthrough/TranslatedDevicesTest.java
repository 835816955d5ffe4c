package grantlab.hypervisor.passthrough;

import static grantlab.hypervisor.passthrough.DeviceLaboratory.GRANTEE;
import static grantlab.hypervisor.passthrough.DeviceLaboratory.HOST;
import static grantlab.hypervisor.passthrough.DeviceLaboratory.READONLY;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.abi.Gtf;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices of a domain with a guest-physical map: what the map says, they reach, and nothing else. */
class TranslatedDevicesTest {
    @ParameterizedTest
    @CsvSource({"shared, hvm", "shared, pv", "separate, hvm", "separate-wo, pv", "strict, hvm"})
    void theyReachWhatTheMapSays(String iommu, String granter) {
        try (DeviceLaboratory laboratory = new DeviceLaboratory(iommu, granter, "hvm")) {
            long page = laboratory.granter.machineFrame(0);
            long dfn = laboratory.grantedFrame(0);
            laboratory.fill(page, 77);
            assertThat(laboratory.write(laboratory.ownFrame(3), 5)).isZero();
            assertThat(laboratory.content(laboratory.grantee.machineFrame(3))).isEqualTo(5);
            assertThat(laboratory.read(dfn)).isEqualTo(-DeviceFault.NOT_MAPPED);

            laboratory.grant(0, 0);
            int handle = laboratory.map(0, HOST);
            assertThat(laboratory.read(dfn)).isEqualTo(77);
            assertThat(laboratory.write(dfn, 78)).isZero();
            assertThat(laboratory.content(page)).isEqualTo(78);
            laboratory.machine.checkInvariants();

            assertThat(laboratory.unmap(handle, laboratory.grantee.slot(0), 0)).isZero();
            assertThat(laboratory.read(dfn)).as("though it was remembered").isEqualTo(-DeviceFault.NOT_MAPPED);
            assertThat(laboratory.write(dfn, 79)).isEqualTo(DeviceFault.NOT_MAPPED);
            assertThat(laboratory.content(page)).isEqualTo(78);
            assertThat(laboratory.space().remembers(page)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shared", "separate", "separate-wo"})
    void aReadOnlyGrantIsReadAlone(String iommu) {
        try (DeviceLaboratory laboratory = new DeviceLaboratory(iommu, "hvm", "hvm")) {
            laboratory.grant(0, Gtf.READONLY);
            laboratory.fill(laboratory.granter.machineFrame(0), 77);
            assertThat(laboratory.map(0, HOST | READONLY)).isNotNegative();
            assertThat(laboratory.read(laboratory.grantedFrame(0))).isEqualTo(77);
            assertThat(laboratory.write(laboratory.grantedFrame(0), 1)).isEqualTo(DeviceFault.NOT_WRITABLE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shared", "separate", "separate-wo"})
    void whatIsGivenBackIsOutOfReachBeforeItIsFree(String iommu) {
        try (DeviceLaboratory laboratory = new DeviceLaboratory(iommu, "hvm", "hvm")) {
            long gfn = laboratory.ownFrame(3);
            assertThat(laboratory.write(gfn, 5)).isZero();
            PhysicalMap.Removed removed = new PhysicalMap.Removed();
            assertThat(laboratory.grantee.domain().physicalMap().decrease(gfn, removed))
                    .isZero();
            assertThat(laboratory.space().remembers(removed.mfn))
                    .as("until the flush")
                    .isTrue();
            laboratory.grantee.domain().addressSpace().flush();
            assertThat(laboratory.space().remembers(removed.mfn)).isFalse();
            assertThat(laboratory.write(gfn, 6)).isEqualTo(DeviceFault.NOT_MAPPED);
            laboratory.machine.frames().put(removed.mfn, Page.ORDER_4K);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"separate", "separate-wo"})
    void blocksAndWhatBecomesOfThem(String iommu) {
        try (DeviceLaboratory laboratory = new DeviceLaboratory(iommu, "hvm", "hvm")) {
            PhysicalMap map = laboratory.grantee.domain().physicalMap();
            long gfn = 1L << 19;
            long block = laboratory.machine.frames().allocate(GRANTEE, Page.ORDER_2M);
            map.set(gfn, block, Page.ORDER_2M, PhysicalMap.RAM_RW);
            assertThat(laboratory.space().entry(gfn + 7)).isEqualTo(DeviceSpace.entry(block + 7, Page.ORDER_2M, 3));
            laboratory.machine.checkInvariants();

            map.clear(gfn + 7, Page.ORDER_4K);
            assertThat(laboratory.rights(gfn + 7)).isZero();
            assertThat(laboratory.rights(gfn + 8)).isEqualTo(3);
            map.set(gfn + 8, block + 8, Page.ORDER_4K, PhysicalMap.RAM_RO);
            assertThat(laboratory.rights(gfn + 8)).isEqualTo(1);
            laboratory.machine.checkInvariants();

            map.clear(gfn, Page.ORDER_2M);
            assertThat(laboratory.space().next(gfn)).isEqualTo(DeviceSpace.NONE);
            map.set(gfn, block, Page.ORDER_2M, PhysicalMap.RAM_RW);
            map.clear(gfn, Page.ORDER_2M);
            assertThat(laboratory.space().next(gfn)).isEqualTo(DeviceSpace.NONE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shared", "separate", "separate-wo"})
    void theDeadHaveNoDevices(String iommu) {
        try (DeviceLaboratory laboratory = new DeviceLaboratory(iommu, "hvm", "hvm")) {
            laboratory.grant(0, 0);
            laboratory.map(0, HOST);
            assertThat(laboratory.write(laboratory.grantedFrame(0), 5)).isZero();
            DeviceLaboratory.Held held = laboratory.held();
            assertThat(laboratory.machine.destroyDomain(GRANTEE)).isZero();
            assertThat(held.device().blocked()).isTrue();
            assertThat(held.write(6)).isEqualTo(DeviceFault.BLOCKED);
            assertThat(laboratory.machine.frames().references(laboratory.granter.machineFrame(0)))
                    .isEqualTo(1);
        }
    }
}
