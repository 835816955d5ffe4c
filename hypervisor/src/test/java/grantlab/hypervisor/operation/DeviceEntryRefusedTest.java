package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Row 14 of map: the count of a frame's uses is full, and all that the rows before have done is undone. */
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
    void nothingIsLeftOfTheMapping(int parts, int readonly) {
        long frame = granter.machineFrame(0);
        long references = frames.references(frame);
        long uses = frames.typeUses(frame);
        long entry = Gtf.PERMIT_ACCESS | (long) GRANTEE << Short.SIZE | frame << Integer.SIZE;
        long table = Page.address(granter.domain().tableFrames().sharedFrame(0));
        machine.memory().store64Release(table + REFERENCE * Long.BYTES, entry);
        when(space.map(anyLong(), anyLong(), anyInt(), anyInt())).thenReturn(Status.GENERAL_ERROR);

        store(MapGrantRef.HOST_ADDR, grantee.slot(0));
        store(MapGrantRef.FLAGS, parts | readonly | (long) REFERENCE << Integer.SIZE);
        store(MapGrantRef.DOM, GRANTER);
        Ground ground = new Ground(machine.memory(), frames, Behaviour.XEN_4_17, System::nanoTime);
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
        assertThat(parts & ~(Gntmap.HOST_MAP | Gntmap.DEVICE_MAP)).isZero();
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
