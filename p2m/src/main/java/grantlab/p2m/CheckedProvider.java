package grantlab.p2m;

import grantlab.api.Behaviour;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.frame.AtomicFrameTable;
import grantlab.p2m.map.MachineToPhysical;
import grantlab.p2m.memory.CheckedMemory;
import grantlab.p2m.memory.OffHeapMemory;

/** {@code memory = checked}: off-heap memory that refuses accesses to frames which nobody holds. */
public final class CheckedProvider implements MemoryProvider {
    /** For ServiceLoader. */
    public CheckedProvider() {}

    @Override
    public String name() {
        return "checked";
    }

    @Override
    public MachineRam create(RamLayout layout, Behaviour behaviour) {
        OffHeapMemory memory = new OffHeapMemory(layout);
        AtomicFrameTable frames = new AtomicFrameTable(layout, memory, new MachineToPhysical());
        return new Ram(new CheckedMemory(memory, frames), frames, behaviour, memory::close);
    }
}
