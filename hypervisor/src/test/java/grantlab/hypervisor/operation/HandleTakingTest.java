package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.passthrough.BusFrames;
import grantlab.hypervisor.passthrough.Passthrough;
import grantlab.hypervisor.revocation.MappingSearch;
import grantlab.hypervisor.revocation.RecordSearch;
import grantlab.hypervisor.table.DomainTable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Mappings that another vCPU moves while they are taken back. */
class HandleTakingTest {
    private static final int REFERENCE = 8;
    private static final int WITH_DEVICES = 3;
    private static final long CAPACITY = 32;
    private static final long FRAME = 0x123;
    private static final long PLACE = 0x1000;
    private static final long OTHER_PLACE = 0x2000;

    private final FrameTable frames = mock(FrameTable.class);
    private final AddressSpace space = mock(AddressSpace.class);
    private final BusFrames bus = mock(BusFrames.class);
    private final Domain granter = domain(1);
    private final Domain grantee = domain(2);
    private final Acts acts = new Acts();
    private final Maptrack maptrack = grantee.maptrack();
    private final AddressSpace.Mapped mapped = new AddressSpace.Mapped();
    private final HandleTaking.Batch batch = new HandleTaking.Batch();
    private final HandleTaking taking = new HandleTaking(
            new Ground(mock(MachineMemory.class), frames, Behaviour.XEN_4_17, () -> 0), new RecordSearch());
    private final int handle;

    HandleTakingTest() {
        acts.grow(REFERENCE + 1);
        acts.adopt(REFERENCE, FRAME, 0);
        handle = maptrack.take(0);
        maptrack.setPlace(handle, PLACE);
        maptrack.link(acts, REFERENCE, handle);
        maptrack.publish(handle, Maptrack.mapping(Gntmap.HOST_MAP, 1, REFERENCE));
        when(space.remove(anyLong(), anyInt(), anyLong(), any())).thenReturn(Status.GONE);
    }

    private Domain domain(int domid) {
        return new Domain(
                DomainConfig.usual(domid, "pv"),
                false,
                mock(PhysicalMap.class),
                space,
                new DomainTable(domid, 1, 1, frames),
                new Maptrack(1, 1),
                domid == WITH_DEVICES ? passthrough() : null);
    }

    private Passthrough passthrough() {
        Passthrough devices = mock(Passthrough.class);
        when(devices.busFrames()).thenReturn(bus);
        return devices;
    }

    private int empty(boolean believes) {
        return taking.empty(granter, grantee, acts, REFERENCE, batch, believes, mapped);
    }

    @Test
    void aPlaceThatIsEmptyOnceIsLookedAtAgain() {
        assertThat(empty(false)).isEqualTo(HandleTaking.MISSED);
        assertThat(batch.size()).isZero();
        maptrack.setPlace(handle, OTHER_PLACE);
        when(space.remove(OTHER_PLACE, Page.ORDER_4K, FRAME, mapped)).then(call -> {
            mapped.access = Access.READ | Access.WRITE;
            return Status.OKAY;
        });
        assertThat(empty(false)).isEqualTo(HandleTaking.ALL);
        taking.finish(granter, grantee, batch);
        verify(frames).put(FRAME, Page.ORDER_4K);
        assertThat(maptrack.place(handle)).isEqualTo(Maptrack.TAKEN);
    }

    /** A look that shows a mapping twice is one look. */
    @Test
    void aPlaceThatIsEmptyAtBothLooksOfOneSearchIsLookedAtAgain() {
        MappingSearch twice = mock(MappingSearch.class);
        when(twice.handlesOf(any(), any(), any(), anyInt(), any())).then(call -> {
            MappingSearch.Visitor visitor = call.getArgument(4);
            return IntStream.range(0, 2).allMatch(look -> visitor.visit(handle));
        });
        HandleTaking repeating =
                new HandleTaking(new Ground(mock(MachineMemory.class), frames, Behaviour.XEN_4_17, () -> 0), twice);
        assertThat(repeating.empty(granter, grantee, acts, REFERENCE, batch, false, mapped))
                .isEqualTo(HandleTaking.MISSED);
        assertThat(batch.size()).isZero();
        assertThat(repeating.empty(granter, grantee, acts, REFERENCE, batch, false, mapped))
                .isEqualTo(HandleTaking.ALL);
        assertThat(batch.size()).isEqualTo(1);
    }

    @Test
    void aPlaceThatIsEmptyTwiceHoldsNothing() {
        assertThat(empty(false)).isEqualTo(HandleTaking.MISSED);
        assertThat(empty(false)).isEqualTo(HandleTaking.ALL);
        taking.finish(granter, grantee, batch);
        verify(frames, never()).put(anyLong(), anyInt());
        assertThat(maptrack.place(handle)).isEqualTo(Maptrack.TAKEN);
        assertThat(empty(false)).isEqualTo(HandleTaking.ALL);
        assertThat(batch.size()).isZero();
    }

    @Test
    void inTheEndAnEmptyPlaceIsBelievedAtOnce() {
        assertThat(empty(true)).isEqualTo(HandleTaking.ALL);
        assertThat(batch.size()).isEqualTo(1);
    }

    @Test
    void placesOfOneReferenceFillABatchAndTheRestComesAfterTheFlush() {
        for (int others = 0; others < CAPACITY; others++) {
            linked(grantee, Gntmap.HOST_MAP, PLACE);
        }
        assertThat(empty(true)).isEqualTo(HandleTaking.FULL);
        assertThat(batch.size()).isEqualTo(32);
        taking.finish(granter, grantee, batch);
        assertThat(empty(true)).isEqualTo(HandleTaking.ALL);
        assertThat(batch.size()).isEqualTo(1);
    }

    /** What stood at a frame number that the guest gave back holds its reference still (xen-semantics 6.5). */
    @Test
    void whatStandsNowhereGivesBackWhatItHeld() {
        maptrack.orphan(PLACE, true);
        assertThat(empty(false)).isEqualTo(HandleTaking.ALL);
        verify(space, never()).remove(anyLong(), anyInt(), anyLong(), any());
        taking.finish(granter, grantee, batch);
        verify(frames).put(FRAME, Page.ORDER_4K);
        verify(frames).putType(FRAME);
    }

    @Test
    void devicesLoseTheFrameBeforeTheFlushAndItsReferencesAfterIt() {
        Domain user = domain(WITH_DEVICES);
        handsOver(PLACE);
        int mapping = linked(user, Gntmap.HOST_MAP, PLACE);
        assertThat(taking.empty(granter, user, acts, REFERENCE, batch, false, mapped))
                .isEqualTo(HandleTaking.ALL);
        verify(bus).unmap(FRAME, Access.READ | Access.WRITE | Access.HOST);
        verify(frames, never()).put(anyLong(), anyInt());
        taking.finish(granter, user, batch);
        assertThat(user.maptrack().place(mapping)).isEqualTo(Maptrack.TAKEN);
        verify(frames, times(2)).put(FRAME, Page.ORDER_4K);
    }

    /** His devices reach his own memory with or without a grant. */
    @Test
    void devicesOfTheGranterKeepHisOwnFrame() {
        Domain user = domain(WITH_DEVICES);
        handsOver(PLACE);
        linked(user, Gntmap.HOST_MAP, PLACE);
        assertThat(taking.empty(user, user, acts, REFERENCE, batch, false, mapped))
                .isEqualTo(HandleTaking.ALL);
        taking.finish(user, user, batch);
        verify(bus, never()).unmap(anyLong(), anyInt());
        verify(frames).put(FRAME, Page.ORDER_4K);
    }

    private void handsOver(long place) {
        when(space.remove(place, Page.ORDER_4K, FRAME, mapped)).then(call -> {
            mapped.access = Access.READ | Access.WRITE;
            return Status.OKAY;
        });
    }

    private int linked(Domain user, int flags, long place) {
        Maptrack handles = user.maptrack();
        if (user != grantee) {
            maptrack.unlink(acts, REFERENCE, handle);
        }
        int fresh = handles.take(0);
        handles.setPlace(fresh, place);
        handles.link(acts, REFERENCE, fresh);
        handles.publish(fresh, Maptrack.mapping(flags, 1, REFERENCE));
        return fresh;
    }
}
