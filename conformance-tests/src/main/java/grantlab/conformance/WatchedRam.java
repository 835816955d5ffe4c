package grantlab.conformance;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.PhysicalMap;

/**
 * A machine's memory and books that go through somebody's hands. The maps are the real one's.
 *
 * @param ram the real one
 * @param memory the way to its bytes
 * @param frames the way to its books
 */
record WatchedRam(MachineRam ram, MachineMemory memory, FrameTable frames) implements MachineRam {
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
