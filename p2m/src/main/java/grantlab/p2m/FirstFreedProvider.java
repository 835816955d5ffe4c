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
 * {@code memory = first-freed}: on-heap memory whose free frames come back in the order in which they were given back. What differs from the other
 * kinds in it depends on which free frame an allocation gets, which is no promise of Xen's.
 */
public final class FirstFreedProvider implements MemoryProvider {
    /** For ServiceLoader. */
    public FirstFreedProvider() {}

    @Override
    public String name() {
        return "first-freed";
    }

    @Override
    public MachineRam create(RamLayout layout, Behaviour behaviour) {
        OnHeapMemory memory = new OnHeapMemory(layout);
        AtomicFrameTable frames =
                new AtomicFrameTable(layout, memory, new MachineToPhysical(), AllocationOrder.FIRST_FREED_FIRST);
        return new Ram(memory, frames, behaviour, () -> {});
    }
}
