package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MapGrantRef;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.hypervisor.passthrough.Passthrough;
import grantlab.hypervisor.quiescence.Quiescence;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Row 14 of map, refused where a count is full or others came first: all that the rows before have done is undone. */
class DeviceEntryRefusedTest {
    private static final int GRANTER = 1;
    private static final int GRANTEE = 2;
    private static final int REFERENCE = 8;

    private final Machine machine = Machine.start(Settings.usual());
    private final Guest granter = boot(GRANTER);
    private final Guest grantee = boot(GRANTEE);
    private final FrameTable frames = machine.frames();
    private final DeviceSpace space = mock(DeviceSpace.class);

    private Guest boot(int domid) {
        assertThat(machine.createDomain(DomainConfig.usual(domid, "pv"))).isZero();
        return machine.boot(domid, GuestLayout.LABORATORY);
    }

    @AfterEach
    void close() {
        machine.checkInvariants();
        machine.close();
    }

    @ParameterizedTest
    @CsvSource({"2, 0", "2, 4", "1, 0", "3, 0", "3, 4"})
    void theDevicesTableHasNoRoom(int parts, int readonly) {
        when(space.map(anyLong(), anyLong(), anyInt(), anyInt())).thenReturn(Status.GENERAL_ERROR);
        assertNothingIsLeft(parts | readonly, frames);
    }

    /** By then nothing of the mapping stands in the guest's page table, and what it held is gone with it. */
    @ParameterizedTest
    @CsvSource({"2, 0", "2, 4", "3, 0"})
    void theGuestOverwroteThePlaceMeanwhile(int parts, int readonly) {
        when(space.map(anyLong(), anyLong(), anyInt(), anyInt())).then(call -> {
            assertThat(grantee.vcpu().hypercall(Hypercall.UPDATE_VA_MAPPING, grantee.slot(0), 0, 0))
                    .isZero();
            return Status.GENERAL_ERROR;
        });
        assertNothingIsLeft(parts | readonly, frames);
    }

    @ParameterizedTest
    @CsvSource({"2, 0", "2, 4", "1, 0", "3, 0", "3, 4"})
    void aFrameWithoutRoomForOneReferenceMore(int parts, int readonly) {
        FrameTable full = mock(FrameTable.class, delegatesTo(frames));
        doReturn(false).when(full).get(anyLong(), anyInt(), anyInt());
        assertNothingIsLeft(parts | readonly, full);
    }

    /** Another vCPU of the grantee emptied the place, and the page is a page table already. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aFrameThatIsNotWritableAnyMore(int parts) {
        FrameTable changed = mock(FrameTable.class, delegatesTo(frames));
        AtomicInteger parted = new AtomicInteger(Integer.bitCount(parts));
        doAnswer(call -> parted.getAndDecrement() > 0 && frames.getType(call.getArgument(0), FrameTable.TYPE_WRITABLE))
                .when(changed)
                .getType(anyLong(), eq(FrameTable.TYPE_WRITABLE));
        assertNothingIsLeft(parts, changed);
    }

    private void assertNothingIsLeft(int flags, FrameTable seen) {
        long frame = granter.machineFrame(0);
        long references = frames.references(frame);
        long uses = frames.typeUses(frame);
        long entry = Gtf.PERMIT_ACCESS | (long) GRANTEE << Short.SIZE | frame << Integer.SIZE;
        long table = Page.address(granter.domain().tableFrames().sharedFrame(0));
        machine.memory().store64Release(table + REFERENCE * Long.BYTES, entry);

        store(MapGrantRef.HOST_ADDR, grantee.slot(0));
        store(MapGrantRef.FLAGS, flags | (long) REFERENCE << Integer.SIZE);
        store(MapGrantRef.DOM, GRANTER);
        Ground ground = new Ground(machine.memory(), seen, Behaviour.XEN_4_17, System::nanoTime);
        grantlab.hypervisor.operation.MapGrantRef map =
                new grantlab.hypervisor.operation.MapGrantRef(domains(), new Pinning(ground), ground);
        Caller caller = new Caller(withDevices(), 0, new Quiescence().join(), machine.memory(), frames);
        caller.section().enter();
        assertThat(map.call(caller, grantee.argumentPages(), 1)).isZero();
        caller.section().leave();

        assertThat(grantee.vcpu().load(grantee.argumentPages() + MapGrantRef.STATUS, Short.BYTES))
                .isZero();
        assertThat((short) grantee.vcpu().value()).isEqualTo((short) Status.GENERAL_ERROR);
        assertThat(frames.references(frame)).isEqualTo(references);
        assertThat(frames.typeUses(frame)).isEqualTo(uses);
        assertThat(grantee.addressSpace().findNext(frame, 0)).isEqualTo(-1);
        assertThat(machine.memory().load64Acquire(table + REFERENCE * Long.BYTES))
                .as("the marks of use are gone")
                .isEqualTo(entry);
    }

    private Domains domains() {
        Domains domains = new Domains();
        domains.add(granter.domain());
        return domains;
    }

    /** The grantee, as it were if it had been created with devices. */
    private Domain withDevices() {
        Domain domain = grantee.domain();
        Passthrough passthrough =
                Passthrough.onBus(GRANTEE, domain.physicalMap(), 0, (domid, map) -> space, true, frames);
        return new Domain(
                domain.config(),
                false,
                domain.physicalMap(),
                domain.addressSpace(),
                domain.grantTable(),
                domain.maptrack(),
                passthrough);
    }

    private void store(int offset, long value) {
        assertThat(grantee.vcpu().store(grantee.argumentPages() + offset, Long.BYTES, value))
                .isZero();
    }
}
