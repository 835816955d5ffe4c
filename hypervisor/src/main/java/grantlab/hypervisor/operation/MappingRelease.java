package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * A grantee dies, whose devices are gone already: its handles are walked from the top down, pins and device references dropped, the granters' bits reduced
 * (xen-semantics 5.2). What stands in its address space goes later, with the address space.
 */
@MachineScoped
public final class MappingRelease {
    private final Domains domains;
    private final Pinning pinning;
    private final FrameTable frames;

    @Inject
    MappingRelease(Domains domains, Pinning pinning, Ground ground) {
        this.domains = domains;
        this.pinning = pinning;
        this.frames = ground.frames();
    }

    /**
     * Releases all mappings of a domain whose vCPUs run no more.
     *
     * @param grantee the domain that dies
     * @param section of whoever buries it, outside; entered for each mapping, since granters may change their tables
     */
    public void release(Domain grantee, Section section) {
        Maptrack maptrack = grantee.maptrack();
        for (int handle = maptrack.capacity() - 1; handle >= 0; handle--) {
            long mapping = maptrack.mapping(handle);
            if (mapping != 0) {
                section.enter();
                release(grantee, section, maptrack, handle, mapping);
                section.leave();
            }
        }
    }

    private void release(Domain grantee, Section section, Maptrack maptrack, int handle, long mapping) {
        Domain granter = domains.find(Maptrack.granter(mapping));
        if (granter == null || Maptrack.isEstranged(maptrack.place(handle))) {
            maptrack.publish(handle, 0);
            return;
        }
        Grants grants = granter.grantTable().enter(section).grants();
        int act = grants.act(Maptrack.reference(mapping));
        long word = grants.acts().lock(act);
        long frame = grants.acts().frame(act);
        maptrack.unlink(grants.acts(), act, handle);
        maptrack.publish(handle, 0);
        grants.acts().unlock(act, word);
        int use = MapFlags.access(Maptrack.flags(mapping));
        long place = maptrack.place(handle);
        if (place != Maptrack.TAKEN) {
            dropReferences(grantee, granter, frame, use, place);
        }
        pinning.unpin(grants, act, Maptrack.reference(mapping), Page.ORDER_4K, use);
    }

    private void dropReferences(Domain grantee, Domain granter, long frame, int use, long place) {
        if ((use & Access.DEVICE) != 0) {
            FrameUse.DEVICE.release(frames, frame, use, granter, grantee);
        }
        if (Maptrack.isOrphaned(place)) {
            FrameUse.HOST.release(frames, frame, Maptrack.orphanedAccess(place), granter, grantee);
        }
        if (grantee.busFrames() != null && granter != grantee) {
            BusMapping.release(frames, frame, use, granter, grantee);
        }
    }
}
