package grantlab.hypervisor.passthrough;

import static grantlab.hypervisor.passthrough.DeviceLaboratory.DEVICE;
import static grantlab.hypervisor.passthrough.DeviceLaboratory.GRANTEE;
import static grantlab.hypervisor.passthrough.DeviceLaboratory.GRANTER;
import static grantlab.hypervisor.passthrough.DeviceLaboratory.HOST;
import static grantlab.hypervisor.passthrough.DeviceLaboratory.READONLY;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.abi.Hypercall;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices of a domain that knows machine frames: its own memory but for page tables, and what handles stand for. */
class BusDevicesTest {
    private static final int BOTH = Access.READ | Access.WRITE;

    private final DeviceLaboratory laboratory = new DeviceLaboratory("identity", "pv", "pv");
    private final FrameTable frames = laboratory.machine.frames();
    private final long page = laboratory.granter.machineFrame(0);

    @BeforeEach
    void grant() {
        laboratory.grant(0, 0);
        laboratory.fill(page, 77);
        // The granter maps it nowhere itself: all that holds it is its allocation.
        assertThat(laboratory.granter.vcpu().hypercall(Hypercall.UPDATE_VA_MAPPING, laboratory.granter.page(0), 0, 0))
                .isZero();
    }

    @AfterEach
    void close() {
        laboratory.close();
    }

    @Test
    void theirOwnMemoryButForPageTables() {
        assertThat(laboratory.write(laboratory.ownFrame(3), 5)).isZero();
        assertThat(laboratory.content(laboratory.ownFrame(3))).isEqualTo(5);
        int tables = 0;
        for (long mfn = frames.nextOwned(GRANTEE, 0);
                mfn != FrameTable.NONE;
                mfn = frames.nextOwned(GRANTEE, mfn + 1)) {
            boolean table = frames.type(mfn) >= FrameTable.TYPE_L1 && frames.type(mfn) <= FrameTable.TYPE_L4;
            boolean reached = !table && !frames.isShared(mfn);
            assertThat(laboratory.rights(mfn)).as("frame %x", mfn).isEqualTo(reached ? BOTH : 0);
            tables += table ? 1 : 0;
        }
        assertThat(tables).isGreaterThanOrEqualTo(4);
        assertThat(laboratory.read(page)).as("another's").isEqualTo(-DeviceFault.NOT_MAPPED);
    }

    /** XSA-288. */
    @Test
    void aPageThatBecomesAPageTableIsOutOfReachFirst() {
        long mfn = frames.allocateZeroed(GRANTEE, Page.ORDER_4K);
        assertThat(laboratory.write(mfn, 5)).isZero();
        assertThat(laboratory.space().remembers(mfn)).isTrue();
        assertThat(frames.getType(mfn, FrameTable.TYPE_L1)).isTrue();
        assertThat(laboratory.space().remembers(mfn)).isFalse();
        assertThat(laboratory.write(mfn, 6)).isEqualTo(DeviceFault.NOT_MAPPED);
        frames.putType(mfn);
        assertThat(laboratory.rights(mfn)).as("until it is used as writable").isZero();
        assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isTrue();
        assertThat(laboratory.rights(mfn)).isEqualTo(BOTH);
        frames.putType(mfn);
        assertThat(laboratory.rights(mfn)).isEqualTo(BOTH);
    }

    @Test
    void aPageThatIsFreedIsOutOfReachFirst() {
        long mfn = frames.allocateZeroed(GRANTEE, Page.ORDER_4K);
        assertThat(laboratory.write(mfn, 5)).isZero();
        frames.get(mfn, Page.ORDER_4K, GRANTEE);
        frames.releaseAllocation(mfn);
        assertThat(laboratory.write(mfn, 6)).as("somebody holds it").isZero();
        frames.put(mfn, Page.ORDER_4K);
        assertThat(laboratory.space().remembers(mfn)).isFalse();
        assertThat(laboratory.write(mfn, 7)).isEqualTo(DeviceFault.NOT_MAPPED);
    }

    /** GNTMAP_device_map is not asked for. */
    @ParameterizedTest
    @ValueSource(ints = {HOST, DEVICE, HOST | DEVICE})
    void aGrantIsReachedAsLongAsItsHandleLives(int parts) {
        int handle = laboratory.map(0, parts);
        assertThat(laboratory.read(page)).isEqualTo(77);
        assertThat(laboratory.write(page, 78)).isZero();
        assertThat(laboratory.space().uses(page, BOTH))
                .as("once for each handle")
                .isEqualTo(1);
        laboratory.machine.checkInvariants();

        assertThat(laboratory.unmap(handle, 0, 0)).as("XSA-394").isZero();
        assertThat(laboratory.write(page, 79)).isZero();
        long device = (parts & DEVICE) != 0 ? Page.address(page) : 0;
        if (parts == (HOST | DEVICE)) {
            assertThat(laboratory.unmap(handle, laboratory.grantee.slot(0), 0)).isZero();
            assertThat(laboratory.write(page, 80)).as("one part is left").isZero();
            laboratory.machine.checkInvariants();
            assertThat(laboratory.unmap(handle, 0, device)).isZero();
        } else {
            assertThat(laboratory.unmap(handle, laboratory.grantee.slot(0), device))
                    .isZero();
        }
        long last = laboratory.content(page);
        assertThat(laboratory.write(page, 81)).isEqualTo(DeviceFault.NOT_MAPPED);
        assertThat(laboratory.content(page)).isEqualTo(last);
        assertThat(laboratory.space().remembers(page)).isFalse();
        assertThat(frames.references(page)).isEqualTo(1);
        assertThat(frames.type(page)).isEqualTo(FrameTable.TYPE_NONE);
    }

    @Test
    void theLastWriterLeavesReadingAndTheLastHandleNothing() {
        int reader = laboratory.map(0, 0, HOST | READONLY);
        assertThat(laboratory.read(page)).isEqualTo(77);
        assertThat(laboratory.write(page, 1)).isEqualTo(DeviceFault.NOT_WRITABLE);
        int writer = laboratory.map(0, 1, HOST);
        assertThat(laboratory.write(page, 78))
                .as("the smaller right was remembered")
                .isZero();
        assertThat(laboratory.unmap(writer, laboratory.grantee.slot(1), 0)).isZero();
        assertThat(laboratory.write(page, 2)).isEqualTo(DeviceFault.NOT_WRITABLE);
        assertThat(laboratory.read(page)).isEqualTo(78);
        assertThat(laboratory.unmap(reader, laboratory.grantee.slot(0), 0)).isZero();
        assertThat(laboratory.read(page)).isEqualTo(-DeviceFault.NOT_MAPPED);
    }

    /** Xen lets go of such a page, though a device still writes to it. */
    @Test
    void overwritingTheEntryOfAMappingLeavesThePageHeld() {
        laboratory.map(0, HOST);
        assertThat(laboratory.grantee.vcpu().hypercall(Hypercall.UPDATE_VA_MAPPING, laboratory.grantee.slot(0), 0, 0))
                .isZero();
        assertThat(laboratory.write(page, 78)).isZero();
        assertThat(frames.references(page))
                .as("its allocation, and the device entry")
                .isEqualTo(2);
        assertThat(frames.getType(page, FrameTable.TYPE_L1))
                .as("a device writes to it")
                .isFalse();

        assertThat(laboratory.machine.destroyDomain(GRANTER)).isZero();
        assertThat(frames.owner(page)).as("it is not free").isEqualTo(GRANTER);
        laboratory.machine.checkInvariants();
        assertThat(laboratory.machine.domain(GRANTER)).isNotNull();
        assertThat(laboratory.machine.destroyDomain(GRANTEE)).isZero();
        laboratory.machine.checkInvariants();
        assertThat(laboratory.machine.domain(GRANTER)).isNull();
    }

    @Test
    void theDeadHaveNoDevices() {
        laboratory.map(0, HOST | DEVICE);
        assertThat(laboratory.write(page, 5)).isZero();
        DeviceLaboratory.Held held = laboratory.held();
        assertThat(laboratory.machine.destroyDomain(GRANTEE)).isZero();
        assertThat(held.write(6)).isEqualTo(DeviceFault.BLOCKED);
        assertThat(laboratory.content(page)).isEqualTo(5);
        assertThat(frames.references(page)).isEqualTo(1);
    }

    @Test
    void aMappingThatHasNoPlaceIsNotReached() {
        assertThat(laboratory.mapNowhere(0, HOST)).isNegative();
        assertThat(laboratory.rights(page)).isZero();
    }

    /** It dies with the mapping, and what was never counted is not uncounted. */
    @Test
    void anOwnGrantDiesWithItsDomain() {
        laboratory.grantToSelf(5);
        assertThat(laboratory.mapOwn(5, HOST)).isNotNegative();
        assertThat(laboratory.machine.destroyDomain(GRANTEE)).isZero();
        assertThat(laboratory.machine.domain(GRANTEE)).isNull();
    }

    @Test
    void anOwnGrantCountsNothing() {
        long own = laboratory.grantee.machineFrame(5);
        laboratory.grantToSelf(5);
        int handle = laboratory.mapOwn(5, HOST);
        assertThat(handle).isNotNegative();
        assertThat(laboratory.space().uses(own, BOTH)).isEqualTo(1);
        assertThat(laboratory.unmap(handle, laboratory.grantee.slot(5), 0)).isZero();
        assertThat(laboratory.rights(own)).isEqualTo(BOTH);
    }
}
