package grantlab.conformance;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.PhysicalMap;

/**
 * A machine's memory that goes through somebody's hands. All but the bytes is the real one's.
 *
 * @param ram the real one
 * @param memory the way to its bytes
 */
public record RamWithMemory(MachineRam ram, MachineMemory memory) implements MachineRam {
    @Override
    public FrameTable frames() {
        return ram.frames();
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
