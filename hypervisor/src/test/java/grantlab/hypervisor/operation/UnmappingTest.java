package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.table.DomainTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handles that stand for something else than when they were looked at, or for a granter who is gone. */
class UnmappingTest {
    private static final int GRANTER = 1;
    private static final int GRANTEE = 2;
    private static final int REFERENCE = 8;
    private static final long FRAME = 0x123;
    private static final long PLACE = 77;
    private static final long ADDRESS = 0x5000;
    private static final int HOST = Gntmap.HOST_MAP;
    private static final int DEVICE = Gntmap.DEVICE_MAP;

    private final FrameTable frames = mock(FrameTable.class);
    private final MachineMemory memory = mock(MachineMemory.class);
    private final FlatTable table = mock(FlatTable.class);
    private final Ground ground = new Ground(memory, frames, Behaviour.XEN_4_17, () -> 0);
    private final AddressSpace space = mock(AddressSpace.class);
    private final Domain granter = domain(GRANTER);
    private final Domain grantee = domain(GRANTEE);
    private final Acts acts = granter.grantTable().acts();
    private final Maptrack maptrack = grantee.maptrack();
    private final Domains domains = new Domains();
    private final Section section = new Quiescence().join();
    private final Caller caller = new Caller(grantee, 0, section, memory, frames);
    private final Pinning pinning = new Pinning(ground);
    private final Unmapping unmapping = new Unmapping(domains, pinning, ground);

    UnmappingTest() {
        when(table.size()).thenReturn(512L);
        domains.add(granter);
        domains.add(grantee);
        when(space.unmap(anyLong(), anyLong(), anyInt(), anyLong(), anyInt(), any()))
                .then(call -> {
                    call.<AddressSpace.Mapped>getArgument(5).place = PLACE;
                    return Status.OKAY;
                });
    }

    private Domain domain(int domid) {
        FlatFormat format = mock(FlatFormat.class);
        when(format.entriesPerFrame()).thenReturn(512);
        when(format.open(any())).thenReturn(table);
        DomainTable grants = new DomainTable(domid, 1, 1, frames);
        grants.grow(format, 1);
        grants.publish(format);
        return new Domain(
                DomainConfig.usual(domid, "pv"),
                false,
                mock(PhysicalMap.class),
                space,
                grants,
                new Maptrack(1, 1),
                null);
    }

    /** XSA-218. */
    @ParameterizedTest
    @ValueSource(longs = {0, 2L << 48 | 2L << 32 | REFERENCE, 2L << 48 | 1L << 32 | (REFERENCE + 1)})
    void handleThatAnotherVcpuChangedBeforeTheLock(long meanwhile) {
        int handle = mapped(HOST);
        when(table.size()).then(call -> {
            maptrack.publish(handle, meanwhile);
            return 512L;
        });
        assertThat(unmapping.takeOut(caller, handle, ADDRESS, 0, 0)).isEqualTo(Status.BAD_HANDLE);
        assertThat(caller.unmapped.size()).isZero();
        assertThat(acts.lock(REFERENCE)).as("the record can be locked").isPositive();
    }

    /** What a revocation found missing at the one's place says nothing of the other, which has it now. */
    @Test
    void whoGetsThePlaceOfAnotherIsMissedByNobody() {
        int stray = mapped(HOST);
        int other = mapped(HOST);
        maptrack.setPlace(stray, PLACE + 1);
        maptrack.missed(stray);
        assertThat(unmapping.takeOut(caller, stray, ADDRESS, 0, 0)).isEqualTo(Status.OKAY);
        assertThat(maptrack.place(other)).isEqualTo(PLACE + 1);
    }

    /** A physical map does not ask for the right. */
    @Test
    void whoHadThePlaceWithAnotherRightMovesWhereNobodyHadItWithTheSame() {
        int stray = mapped(HOST);
        int other = mapped(HOST | Gntmap.READONLY);
        maptrack.setPlace(stray, PLACE + 1);
        assertThat(unmapping.takeOut(caller, stray, ADDRESS, 0, 0)).isEqualTo(Status.OKAY);
        assertThat(maptrack.place(other)).isEqualTo(PLACE + 1);
    }

    @Test
    void ofTwoThatSayTheyHadThePlaceTheOneOfTheSameRightMoves() {
        int reader = mapped(HOST | Gntmap.READONLY);
        int stray = mapped(HOST);
        int writer = mapped(HOST);
        maptrack.setPlace(stray, PLACE + 1);
        assertThat(unmapping.takeOut(caller, stray, ADDRESS, 0, 0)).isEqualTo(Status.OKAY);
        assertThat(maptrack.place(writer)).isEqualTo(PLACE + 1);
        assertThat(maptrack.place(reader)).isEqualTo(PLACE);
    }

    @Test
    void whatIsUndoneAtItsOwnPlaceMovesNobody() {
        int handle = mapped(HOST);
        int other = mapped(HOST);
        maptrack.missed(handle);
        assertThat(unmapping.takeOut(caller, handle, ADDRESS, 0, 0)).isEqualTo(Status.OKAY);
        assertThat(maptrack.place(other)).isEqualTo(PLACE);
    }

    @ParameterizedTest
    @CsvSource({
        HOST + ", 0, 0",
        HOST + ", 0, 0x123000",
        DEVICE + ", 0x5000, 0",
        DEVICE + ", 0, 0",
    })
    void estrangedHandleOfWhichNoPartIsNamed(int flags, long hostAddress, long deviceAddress) {
        int estranged = estranged(flags);
        int heir = mapped(flags);
        assertThat(unmapping.takeOut(caller, estranged, hostAddress, 0, deviceAddress))
                .isEqualTo(Status.OKAY);
        assertThat(maptrack.place(estranged)).isEqualTo(Maptrack.ESTRANGED);
        assertThat(maptrack.place(heir)).isEqualTo(PLACE);
    }

    @ParameterizedTest
    @CsvSource({HOST + ", 0x5000, 0", DEVICE + ", 0, 0x123000"})
    void estrangedHandleTakesTheMappingOfTheSameKind(int flags, long hostAddress, long deviceAddress) {
        int estranged = estranged(flags);
        int heir = mapped(flags);
        int other = mapped(flags | Gntmap.READONLY);
        assertThat(unmapping.takeOut(caller, estranged, hostAddress, 0, deviceAddress))
                .isEqualTo(Status.OKAY);
        assertThat(caller.unmapped.size()).isEqualTo(1);
        assertThat(maptrack.mapping(estranged)).isZero();
        assertThat(maptrack.place(heir)).isEqualTo(Maptrack.ESTRANGED);
        assertThat(acts.firstHandle(REFERENCE)).isEqualTo(other);
    }

    @Test
    void estrangedHandleFindsNothingOfItsKind() {
        int estranged = estranged(HOST);
        mapped(HOST | Gntmap.READONLY);
        mapped(HOST | DEVICE);
        assertThat(unmapping.takeOut(caller, estranged, ADDRESS, 0, 0)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(maptrack.place(estranged)).isEqualTo(Maptrack.ESTRANGED);
    }

    @ParameterizedTest
    @CsvSource({"3, true", "2, false"})
    void estrangedHandleOfAReferenceThatTheCallerDoesNotUse(int user, boolean used) {
        int estranged = estranged(HOST);
        mapped(HOST);
        pinned(user, used ? Pins.increment(Access.HOST) : 0);
        assertThat(unmapping.takeOut(caller, estranged, ADDRESS, 0, 0)).isEqualTo(Status.GENERAL_ERROR);
        verify(space, never()).unmap(anyLong(), anyLong(), anyInt(), anyLong(), anyInt(), any());
    }

    @ParameterizedTest
    @CsvSource({HOST + ", 0, 0x123000", DEVICE + ", 0x5000, 0"})
    void takenHandleOfWhichNoPartIsNamedStays(int flags, long hostAddress, long deviceAddress) {
        int taken = taken(flags);
        assertThat(unmapping.takeOut(caller, taken, hostAddress, 0, deviceAddress))
                .isEqualTo(Status.OKAY);
        assertThat(maptrack.place(taken)).isEqualTo(Maptrack.TAKEN);
        assertThat(caller.unmapped.size()).isZero();
    }

    @Test
    void estrangedHandleAcknowledgesWhatWasTakenOfItsHeir() {
        int estranged = estranged(HOST);
        int heir = taken(HOST);
        assertThat(unmapping.takeOut(caller, estranged, ADDRESS, 0, 0)).isEqualTo(Status.OKAY);
        assertThat(caller.unmapped.size()).isEqualTo(1);
        assertThat(caller.unmapped.held(0)).isFalse();
        assertThat(maptrack.mapping(estranged)).isZero();
        assertThat(maptrack.place(heir)).isEqualTo(Maptrack.ESTRANGED);
        verify(space, never()).unmap(anyLong(), anyLong(), anyInt(), anyLong(), anyInt(), any());
    }

    @Test
    void estrangedHandleFindsNothingThatWasTakenOfItsKind() {
        int estranged = estranged(HOST);
        taken(HOST | Gntmap.READONLY);
        assertThat(unmapping.takeOut(caller, estranged, ADDRESS, 0, 0)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(maptrack.place(estranged)).isEqualTo(Maptrack.ESTRANGED);
    }

    /** Two vCPUs acknowledge what was taken of a granter who is dead by now; the slower one is no worse than with any handle. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAnotherVcpuAcknowledgesMeanwhileIsAHandleOfNothing(boolean usedAgain) {
        int taken = taken(HOST);
        maptrack.estrange(GRANTER);
        long mapping = maptrack.mapping(taken);
        Domains meanwhile = mock(Domains.class);
        when(meanwhile.find(GRANTER)).then(call -> {
            maptrack.forget(taken, mapping);
            if (usedAgain) {
                maptrack.setPlace(taken, PLACE);
                maptrack.publish(taken, Maptrack.mapping(HOST, GRANTER + 2, REFERENCE));
            }
            return null;
        });
        assertThat(new Unmapping(meanwhile, pinning, ground).takeOut(caller, taken, ADDRESS, 0, 0))
                .isEqualTo(Status.BAD_HANDLE);
    }

    /** It holds nothing, though its granter's number is another domain's by now. */
    @Test
    void deathForgetsEstrangedHandles() {
        int estranged = estranged(HOST);
        long before = acts.lock(REFERENCE);
        acts.unlock(REFERENCE, before);
        new MappingRelease(domains, pinning, ground).release(grantee, section);
        assertThat(maptrack.mapping(estranged)).isZero();
        assertThat(acts.lock(REFERENCE)).isEqualTo(before);
        verify(frames, never()).put(FRAME, Page.ORDER_4K);
    }

    private int mapped(int flags) {
        if (acts.pinsNow(REFERENCE) == 0) {
            acts.lock(REFERENCE);
            acts.adopt(REFERENCE, FRAME, 0);
            acts.unlock(REFERENCE, Acts.withPins(Acts.firstUse(GRANTEE, false), Pins.increment(Access.HOST)));
        }
        int handle = maptrack.take(0);
        long word = acts.lock(REFERENCE);
        maptrack.setPlace(handle, PLACE);
        maptrack.link(acts, REFERENCE, handle);
        maptrack.publish(handle, Maptrack.mapping(flags, GRANTER, REFERENCE));
        acts.unlock(REFERENCE, word);
        return handle;
    }

    private int taken(int flags) {
        int handle = mapped(flags);
        maptrack.setPlace(handle, Maptrack.TAKEN);
        acts.unlock(REFERENCE, Acts.revoked(acts.lock(REFERENCE)));
        return handle;
    }

    private int estranged(int flags) {
        int handle = maptrack.take(0);
        maptrack.publish(handle, Maptrack.mapping(flags, GRANTER, REFERENCE));
        maptrack.estrange(GRANTER);
        return handle;
    }

    private void pinned(int user, int pins) {
        acts.lock(REFERENCE);
        acts.unlock(REFERENCE, Acts.withPins(Acts.firstUse(user, false), pins));
    }
}
