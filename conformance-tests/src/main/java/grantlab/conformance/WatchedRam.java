package grantlab.conformance;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.PhysicalMap;

/**
 * A machine's memory that goes through somebody's hands, and its books maybe. The maps are the real one's.
 *
 * @param ram the real one
 * @param memory the way to its bytes
 * @param frames the way to its books
 */
public record WatchedRam(MachineRam ram, MachineMemory memory, FrameTable frames) implements MachineRam {
    /**
     * With the real one's books.
     *
     * @param ram the real one
     * @param memory the way to its bytes
     */
    public WatchedRam(MachineRam ram, MachineMemory memory) {
        this(ram, memory, ram.frames());
    }

    @Override
    public PhysicalMap identityMap(int domid) {
        return ram.identityMap(domid);
    }

    @Override
    public PhysicalMap translatedMap(int domid) {
        return ram.translatedMap(domid);
    }

    @Override
    public void close() {
        ram.close();
    }
}
