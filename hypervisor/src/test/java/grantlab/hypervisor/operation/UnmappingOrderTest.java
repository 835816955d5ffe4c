package grantlab.hypervisor.operation;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
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
import grantlab.hypervisor.table.DomainTable;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

/** XSA-218: the flush comes before the references, and the references before what the granter sees. */
class UnmappingOrderTest {
    private static final int WRITABLE = Access.READ | Access.WRITE | Access.HOST;
    private static final long FRAME = 0x123;

    private final FrameTable frames = mock(FrameTable.class);
    private final MachineMemory memory = mock(MachineMemory.class);
    private final FlatTable table = mock(FlatTable.class);
    private final AddressSpace space = mock(AddressSpace.class);
    private final Ground ground = new Ground(memory, frames, Behaviour.XEN_4_17, () -> 0);

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

    @Test
    void flushThenReferencesThenBits() {
        Domain granter = domain(1);
        Acts acts = granter.grantTable().acts();
        long word = acts.lock(8);
        acts.adopt(8, FRAME, 0);
        acts.unlock(8, Acts.withPins(word, Pins.increment(WRITABLE)));

        Domains domains = new Domains();
        domains.add(granter);
        Caller caller = new Caller(domain(2), 0, new Quiescence().join(), memory, frames);
        caller.unmapped.add(granter, 8, FRAME, WRITABLE);
        new Unmapping(domains, new Pinning(ground), ground).finish(caller);

        InOrder order = inOrder(space, frames, table);
        order.verify(space).flush();
        order.verify(frames).putType(FRAME);
        order.verify(frames).put(FRAME, 0);
        order.verify(table).clear(anyLong(), anyInt(), anyLong(), anyInt());
    }
}
