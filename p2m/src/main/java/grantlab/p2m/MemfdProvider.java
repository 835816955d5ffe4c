package grantlab.p2m;

import grantlab.api.Behaviour;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.api.memory.SharedExtent;
import grantlab.p2m.frame.AtomicFrameTable;
import grantlab.p2m.map.MachineToPhysical;
import grantlab.p2m.memory.Extents;
import grantlab.p2m.memory.MemoryFile;
import grantlab.p2m.memory.OffHeapMemory;
import java.util.List;

/**
 * {@code memory = memfd}: off-heap memory in a file that lives in memory, so that other processes can map it: a backend of vhost-user.
 * Linux only.
 */
public final class MemfdProvider implements MemoryProvider {
    /** For ServiceLoader. */
    public MemfdProvider() {}

    @Override
    public String name() {
        return "memfd";
    }

    @Override
    public MachineRam create(RamLayout layout, Behaviour behaviour) {
        MemoryFile file = MemoryFile.create("grantlab-ram");
        try {
            OffHeapMemory memory = new OffHeapMemory(layout, file.path());
            AtomicFrameTable frames = new AtomicFrameTable(layout, memory, new MachineToPhysical());
            return new Ram(memory, frames, behaviour, shared(layout, file), () -> {
                memory.close();
                file.close();
            });
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static List<SharedExtent> shared(RamLayout layout, MemoryFile file) {
        Extents extents = new Extents(layout);
        return layout.extents().stream()
                .map(extent -> {
                    long address = Page.address(extent.firstMfn());
                    long bytes = Page.address(extent.frames());
                    return new SharedExtent(address, bytes, file.descriptor(), extents.offset(address));
                })
                .toList();
    }
}
