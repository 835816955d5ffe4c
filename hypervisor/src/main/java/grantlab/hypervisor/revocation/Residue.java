package grantlab.hypervisor.revocation;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * The audit of a revocation (grant-v3.md, 8.2, phase 5): whether the grantee reaches a frame in a way that no record explains, by a
 * foreign mapping or by an entry that it wrote itself. Frames with the one reference of their allocation are quickly told; of others
 * the grantee's places are searched.
 */
@MachineScoped
public final class Residue {
    private static final long NOWHERE = -1;
    private static final int ALLOCATION_ALONE = 1;

    /** A map fills the place first and tells of it then: what has no record is looked at again when all calls under way are over. */
    private static final int LOOKS = 8;

    private final FrameTable frames;

    @Inject
    Residue(Ground ground) {
        this.frames = ground.frames();
    }

    /**
     * Whether there is any. Who maps the same frames by another grant meanwhile has to be seen half way in each look to be taken for it.
     *
     * @param first machine frame
     * @param order log2 of the frames
     * @param granter their owner
     * @param grantee another domain
     * @param wait returns when the calls that are under way are over
     * @return if so: the frames are not private
     */
    public boolean of(long first, int order, Domain granter, Domain grantee, Runnable wait) {
        boolean found = reachesAny(first, order, granter, grantee);
        for (int look = 1; found && look < LOOKS; look++) {
            wait.run();
            found = reachesAny(first, order, granter, grantee);
        }
        return found;
    }

    private boolean reachesAny(long first, int order, Domain granter, Domain grantee) {
        for (long frame = first; frame < first + (1L << order); frame++) {
            if (frames.references(frame) > ALLOCATION_ALONE && reaches(granter, grantee, frame)) {
                return true;
            }
        }
        return false;
    }

    private static boolean reaches(Domain granter, Domain grantee, long frame) {
        return grantee.translated() ? reachesByMap(granter, grantee, frame) : reachesByEntries(granter, grantee, frame);
    }

    private static boolean reachesByMap(Domain granter, Domain grantee, long frame) {
        PhysicalMap map = grantee.physicalMap();
        for (long gfn = map.findNext(frame, 0); gfn != PhysicalMap.INVALID; gfn = map.findNext(frame, gfn + 1)) {
            if (!explained(granter, grantee, gfn, frame)) {
                return true;
            }
        }
        return false;
    }

    private static boolean reachesByEntries(Domain granter, Domain grantee, long frame) {
        for (long place = grantee.addressSpace().findNext(frame, 0);
                place != NOWHERE;
                place = grantee.addressSpace().findNext(frame, place + Long.BYTES)) {
            if (!explained(granter, grantee, place, frame)) {
                return true;
            }
        }
        return false;
    }

    /** Whether another mapping that lives stands there: of another reference to the same frame. */
    private static boolean explained(Domain granter, Domain grantee, long place, long frame) {
        Records records = grantee.books().records();
        for (int record = 0; record < records.capacity(); record++) {
            if (records.exists(record)
                    && !records.empty(record)
                    && (records.access(record) & Access.HOST) != 0
                    && covers(records, record, place, frame)) {
                return true;
            }
        }
        Maptrack maptrack = grantee.maptrack();
        for (int handle = 0; handle < maptrack.capacity(); handle++) {
            long mapping = maptrack.mapping(handle);
            if (mapping != 0
                    && Maptrack.granter(mapping) == granter.domid()
                    && maptrack.standsAt(handle, place)
                    && granter.grantTable().acts().frame((int) Maptrack.reference(mapping)) == frame) {
                return true;
            }
        }
        return false;
    }

    private static boolean covers(Records records, int record, long place, long frame) {
        long offset = frame - records.frame(record);
        return offset >= 0 && offset < 1L << records.order(record) && records.place(record) + offset == place;
    }
}
