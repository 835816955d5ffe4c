package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.AddToPhysmap;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.abi.MemoryReservation;
import grantlab.api.abi.SetVersion;
import grantlab.api.abi.SetupTable;
import grantlab.api.abi.Transfer;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine without a free frame: every operation that wants one says so, changes nothing, and works again afterwards. */
class MemoryExhaustedTest {
    private static final int DOMID = 1;
    private static final int ANOTHER = 2;
    private static final int WANTED = 4;
    private static final long HIGH = 1L << 32;

    private final Machine machine = Machine.start(Settings.usual()
            .withRam(new RamLayout(List.of(new RamLayout.Extent(0, 4096), new RamLayout.Extent(HIGH, 64)))));
    private final List<Long> hoard = new ArrayList<>();

    @AfterEach
    void close() {
        machine.checkInvariants();
        machine.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pv", "hvm"})
    void everyOperationSaysSoAndChangesNothing(String paging) {
        assertThat(machine.createDomain(DomainConfig.usual(DOMID, paging))).isZero();
        Guest guest = machine.boot(DOMID, GuestLayout.LABORATORY);
        takeAll();
        assertThat(setUp(guest)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(addToPhysmap(guest)).isEqualTo(guest.translated() ? -Errno.EINVAL : -Errno.EACCES);
        assertThat(setVersion(guest)).isEqualTo(-Errno.ENOMEM);
        assertThat(guest.domain().grantTable().inForce().format().version()).isEqualTo(1);
        assertThat(populate(guest)).isZero();
        assertThat(guest.domain().grantTable().sharedCount()).isEqualTo(1);
        assertThat(machine.createDomain(DomainConfig.usual(ANOTHER, paging))).isEqualTo(-Errno.ENOMEM);
        assertThat(machine.domain(ANOTHER)).isNull();
        machine.checkInvariants();
        giveBack();
        assertThat(machine.createDomain(DomainConfig.usual(ANOTHER, paging))).isZero();
        assertThat(populate(guest)).isEqualTo(1);
        assertThat(setVersion(guest)).isZero();
        assertThat(setUp(guest)).isZero();
    }

    /** Row 7 of transfer: a receiver whose entries cannot name the page, and no low page to put it into. */
    @Test
    void transferOfAHighPageNeedsALowOne() {
        assertThat(machine.createDomain(DomainConfig.usual(DOMID, "pv"))).isZero();
        Guest guest = machine.boot(DOMID, GuestLayout.LABORATORY);
        assertThat(machine.createDomain(DomainConfig.usual(ANOTHER, "pv"))).isZero();
        takeAll();
        List<Long> high = hoard.stream().filter(mfn -> mfn >= HIGH).toList();
        assertThat(transfer(guest, high.get(0))).as("no page is left").isEqualTo(Status.ADDRESS_TOO_BIG);
        assertThat(transfer(guest, high.get(1)))
                .as("a page is left, as high as the first")
                .isEqualTo(Status.ADDRESS_TOO_BIG);
        for (long gone : high.subList(0, 2)) {
            assertThat(machine.frames().owner(gone)).isEqualTo(FrameTable.NO_OWNER);
            hoard.remove(gone);
        }
        giveBack();
    }

    private static long transfer(Guest guest, long mfn) {
        store(guest, Transfer.MFN, mfn);
        store(guest, Transfer.DOMID, ANOTHER);
        assertThat(guest.vcpu().hypercall(Hypercall.GRANT_TABLE_OP, GnttabOp.TRANSFER, guest.argumentPages(), 1))
                .isZero();
        guest.vcpu().load(guest.argumentPages() + Transfer.STATUS, Short.BYTES);
        return (short) guest.vcpu().value();
    }

    private void takeAll() {
        FrameTable frames = machine.frames();
        for (long mfn = frames.allocate(DOMID, Page.ORDER_4K);
                mfn != FrameTable.NONE;
                mfn = frames.allocate(DOMID, Page.ORDER_4K)) {
            hoard.add(mfn);
        }
    }

    private void giveBack() {
        hoard.forEach(machine.frames()::releaseAllocation);
    }

    private static long setUp(Guest guest) {
        store(guest, SetupTable.DOM, Domid.SELF | (long) WANTED << 32);
        store(guest, SetupTable.STATUS, 0);
        store(guest, SetupTable.FRAME_LIST, guest.argumentPages() + Page.SIZE);
        assertThat(guest.vcpu().hypercall(Hypercall.GRANT_TABLE_OP, GnttabOp.SETUP_TABLE, guest.argumentPages(), 1))
                .isZero();
        guest.vcpu().load(guest.argumentPages() + SetupTable.STATUS, Short.BYTES);
        return (short) guest.vcpu().value();
    }

    private static long setVersion(Guest guest) {
        store(guest, SetVersion.VERSION, 2);
        return guest.vcpu().hypercall(Hypercall.GRANT_TABLE_OP, GnttabOp.SET_VERSION, guest.argumentPages(), 1);
    }

    private static long addToPhysmap(Guest guest) {
        store(guest, AddToPhysmap.DOMID, Domid.SELF | (long) AddToPhysmap.SPACE_GRANT_TABLE << 32);
        store(guest, AddToPhysmap.IDX, WANTED - 1);
        store(guest, AddToPhysmap.GPFN, Page.frame(guest.slot(0)));
        return guest.vcpu().hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP, guest.argumentPages(), 0);
    }

    private static long populate(Guest guest) {
        store(guest, MemoryReservation.EXTENT_START, guest.argumentPages() + Page.SIZE);
        store(guest, MemoryReservation.NR_EXTENTS, 1);
        store(guest, MemoryReservation.EXTENT_ORDER, 0);
        store(guest, MemoryReservation.DOMID, Domid.SELF);
        store(guest, Page.SIZE, Page.frame(guest.slot(1)));
        return guest.vcpu().hypercall(Hypercall.MEMORY_OP, MemoryOp.POPULATE_PHYSMAP, guest.argumentPages(), 0);
    }

    private static void store(Guest guest, int offset, long value) {
        assertThat(guest.vcpu().store(guest.argumentPages() + offset, Long.BYTES, value))
                .isZero();
    }
}
