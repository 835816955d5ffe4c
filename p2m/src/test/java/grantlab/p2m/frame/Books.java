package grantlab.p2m.frame;

import grantlab.api.memory.RamLayout;
import grantlab.p2m.map.MachineToPhysical;
import grantlab.p2m.memory.OffHeapMemory;

/** A frame table with its memory, for tests. */
final class Books implements AutoCloseable {
    final OffHeapMemory memory;
    final AtomicFrameTable frames;

    Books(RamLayout layout) {
        this(layout, FrameWord.REFERENCE_LIMIT);
    }

    Books(RamLayout layout, AllocationOrder order) {
        this(layout, order, FrameWord.REFERENCE_LIMIT);
    }

    Books(RamLayout layout, long referenceLimit) {
        this(layout, AllocationOrder.LOWEST_FIRST, referenceLimit);
    }

    private Books(RamLayout layout, AllocationOrder order, long referenceLimit) {
        memory = new OffHeapMemory(layout);
        frames = new AtomicFrameTable(layout, memory, new MachineToPhysical(), order, referenceLimit);
    }

    /** What destruction does with one frame that the caller needs no more. */
    void giveUp(long mfn, int owner) {
        if (frames.get(mfn, 0, owner)) {
            frames.releaseAllocation(mfn);
            frames.put(mfn, 0);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
