package grantlab.conformance.fault;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.PhysicalMap;

/** Memory and its books, but for what a fault overrides. */
class FaultyMachineRam implements MachineRam {
    final MachineRam real;

    FaultyMachineRam(MachineRam real) {
        this.real = real;
    }

    @Override
    public MachineMemory memory() {
        return real.memory();
    }

    @Override
    public FrameTable frames() {
        return real.frames();
    }

    @Override
    public PhysicalMap identityMap(int domid) {
        return real.identityMap(domid);
    }

    @Override
    public PhysicalMap translatedMap(int domid) {
        return real.translatedMap(domid);
    }

    @Override
    public void close() {
        real.close();
    }
}
