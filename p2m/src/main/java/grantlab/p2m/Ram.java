package grantlab.p2m;

import grantlab.api.Behaviour;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.SharedExtent;
import grantlab.p2m.frame.AtomicFrameTable;
import grantlab.p2m.map.IdentityMap;
import grantlab.p2m.map.TranslatedMap;
import java.util.List;

/** Bytes, books and maps of one machine, as a provider put them together. */
final class Ram implements MachineRam {
    private final MachineMemory memory;
    private final AtomicFrameTable frames;
    private final Behaviour behaviour;
    private final List<SharedExtent> sharedExtents;
    private final Runnable release;

    /**
     * Puts the parts together.
     *
     * @param memory what the rooms of the hypervisor access
     * @param frames the books
     * @param behaviour the rules in which releases of Xen differ
     * @param release gives the bytes back
     */
    Ram(MachineMemory memory, AtomicFrameTable frames, Behaviour behaviour, Runnable release) {
        this(memory, frames, behaviour, List.of(), release);
    }

    /**
     * Puts the parts together.
     *
     * @param memory what the rooms of the hypervisor access
     * @param frames the books
     * @param behaviour the rules in which releases of Xen differ
     * @param sharedExtents where other processes have the bytes from
     * @param release gives the bytes back
     */
    Ram(
            MachineMemory memory,
            AtomicFrameTable frames,
            Behaviour behaviour,
            List<SharedExtent> sharedExtents,
            Runnable release) {
        this.memory = memory;
        this.frames = frames;
        this.behaviour = behaviour;
        this.sharedExtents = sharedExtents;
        this.release = release;
    }

    @Override
    public MachineMemory memory() {
        return memory;
    }

    @Override
    public FrameTable frames() {
        return frames;
    }

    @Override
    public PhysicalMap identityMap(int domid) {
        return new IdentityMap(domid, frames, () -> frames.ownershipChanges(domid));
    }

    @Override
    public PhysicalMap translatedMap(int domid) {
        return new TranslatedMap(domid, frames, behaviour);
    }

    @Override
    public List<SharedExtent> sharedExtents() {
        return sharedExtents;
    }

    @Override
    public void close() {
        release.run();
    }
}
