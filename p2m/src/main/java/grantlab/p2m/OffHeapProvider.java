package grantlab.p2m;

import grantlab.api.Behaviour;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.frame.AtomicFrameTable;
import grantlab.p2m.map.MachineToPhysical;
import grantlab.p2m.memory.OffHeapMemory;

/** {@code memory = off-heap}: the usual kind. */
public final class OffHeapProvider implements MemoryProvider {
    /** For ServiceLoader. */
    public OffHeapProvider() {}

    @Override
    public String name() {
        return "off-heap";
    }

    @Override
    public MachineRam create(RamLayout layout, Behaviour behaviour) {
        OffHeapMemory memory = new OffHeapMemory(layout);
        return new Ram(memory, new AtomicFrameTable(layout, memory, new MachineToPhysical()), behaviour, memory::close);
    }
}
