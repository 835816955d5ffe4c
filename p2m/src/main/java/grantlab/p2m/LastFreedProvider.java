package grantlab.p2m;

import grantlab.api.Behaviour;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.frame.AllocationOrder;
import grantlab.p2m.frame.AtomicFrameTable;
import grantlab.p2m.map.MachineToPhysical;
import grantlab.p2m.memory.OnHeapMemory;

/**
 * {@code memory = last-freed}: on-heap memory whose free frames come back as soon as possible. What differs from the other
 * kinds in it depends on which free frame an allocation gets, which is no promise of Xen's.
 */
public final class LastFreedProvider implements MemoryProvider {
    /** For ServiceLoader. */
    public LastFreedProvider() {}

    @Override
    public String name() {
        return "last-freed";
    }

    @Override
    public MachineRam create(RamLayout layout, Behaviour behaviour) {
        OnHeapMemory memory = new OnHeapMemory(layout);
        AtomicFrameTable frames =
                new AtomicFrameTable(layout, memory, new MachineToPhysical(), AllocationOrder.LAST_FREED_FIRST);
        return new Ram(memory, frames, behaviour, () -> {});
    }
}
