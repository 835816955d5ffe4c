package grantlab.p2m;

import grantlab.api.Behaviour;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.frame.AtomicFrameTable;
import grantlab.p2m.map.MachineToPhysical;
import grantlab.p2m.memory.OnHeapMemory;

/** {@code memory = on-heap}: for model checkers. */
public final class OnHeapProvider implements MemoryProvider {
    /** For ServiceLoader. */
    public OnHeapProvider() {}

    @Override
    public String name() {
        return "on-heap";
    }

    @Override
    public MachineRam create(RamLayout layout, Behaviour behaviour) {
        OnHeapMemory memory = new OnHeapMemory(layout);
        return new Ram(memory, new AtomicFrameTable(layout, memory, new MachineToPhysical()), behaviour, () -> {});
    }
}
