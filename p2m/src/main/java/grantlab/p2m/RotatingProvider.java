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
 * {@code memory = rotating}: on-heap memory whose free frames come back as late as possible. What differs from the other
 * kinds in it depends on which free frame an allocation gets, which is no promise of Xen's.
 */
public final class RotatingProvider implements MemoryProvider {
    /** For ServiceLoader. */
    public RotatingProvider() {}

    @Override
    public String name() {
        return "rotating";
    }

    @Override
    public MachineRam create(RamLayout layout, Behaviour behaviour) {
        OnHeapMemory memory = new OnHeapMemory(layout);
        AtomicFrameTable frames =
                new AtomicFrameTable(layout, memory, new MachineToPhysical(), AllocationOrder.ROTATING);
        return new Ram(memory, frames, behaviour, () -> {});
    }
}
