package grantlab.hypervisor.revocation;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.tree.Records;

/**
 * Visits the grantee's places: all page tables that a PV guest owns, whether or not a root leads to them, or the guest-physical map of
 * another. Each place that holds a frame of what is taken back is looked up among all mappings of the grantee. Then come those that
 * stand nowhere: the guest overwrote their place, or they are for devices alone. What it costs is the size of the address space and the
 * number of all mappings, for each batch of 32.
 *
 * <p>It uses no list of any act, so it is what a hypervisor without such lists would do, and a second opinion on them.
 */
public final class ScanSearch implements MappingSearch {
    private static final long NOWHERE = -1;

    /** Over what is there. */
    public ScanSearch() {}

    /** Which of the grantee's mappings are meant. */
    @FunctionalInterface
    private interface Among {
        boolean has(int record);
    }

    @Override
    public boolean ofLeaf(Domain grantee, int act, long frame, int order, Visitor visitor) {
        Records records = grantee.books().records();
        return records(grantee, frame, order, record -> !records.flat(record) && records.act(record) == act, visitor);
    }

    @Override
    public boolean aliasesOf(Domain granter, Acts acts, Domain grantee, int act, long word, Visitor visitor) {
        Records records = grantee.books().records();
        long frame = acts.frame(act);
        Among ofReference = record -> records.flat(record)
                && !records.estranged(record)
                && records.act(record) == act
                && records.granter(record) == granter.domid();
        return records(grantee, frame, Page.ORDER_4K, ofReference, visitor);
    }

    private static boolean records(Domain grantee, long frame, int order, Among among, Visitor visitor) {
        Records records = grantee.books().records();
        long place = next(grantee, frame, order, 0);
        while (place != NOWHERE) {
            int record = standingAt(records, place);
            if (record == Records.NONE) {
                place = next(grantee, frame, order, place + 1);
            } else {
                if (among.has(record) && !visitor.visit(record)) {
                    return false;
                }
                place = next(grantee, frame, order, records.place(record) + (1L << records.order(record)));
            }
        }
        for (int record = 0; record < records.capacity(); record++) {
            if (lives(records, record) && among.has(record) && !visitor.visit(record)) {
                return false;
            }
        }
        return true;
    }

    private static long next(Domain grantee, long frame, int order, long from) {
        return frame == NO_FRAME ? NOWHERE : grantee.addressSpace().findNext(frame, order, from);
    }

    private static boolean lives(Records records, int record) {
        return records.exists(record) && !records.empty(record);
    }

    private static int standingAt(Records records, long place) {
        for (int record = 0; record < records.capacity(); record++) {
            if (lives(records, record) && (records.access(record) & Access.HOST) != 0) {
                long offset = place - records.place(record);
                if (offset >= 0 && offset < 1L << records.order(record)) {
                    return record;
                }
            }
        }
        return Records.NONE;
    }

    @Override
    public boolean handlesOf(Domain granter, Acts acts, Domain grantee, int act, Visitor visitor) {
        Maptrack maptrack = grantee.maptrack();
        long frame = acts.frame(act);
        long place = next(grantee, frame, Page.ORDER_4K, 0);
        while (place != NOWHERE) {
            for (int handle = 0; handle < maptrack.capacity(); handle++) {
                if (isOf(maptrack, handle, granter, act)
                        && maptrack.standsAt(handle, place)
                        && !visitor.visit(handle)) {
                    return false;
                }
            }
            place = next(grantee, frame, Page.ORDER_4K, place + 1);
        }
        for (int handle = 0; handle < maptrack.capacity(); handle++) {
            if (isOf(maptrack, handle, granter, act)
                    && maptrack.place(handle) != Maptrack.TAKEN
                    && !visitor.visit(handle)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOf(Maptrack maptrack, int handle, Domain granter, int act) {
        long mapping = maptrack.mapping(handle);
        return mapping != 0
                && Maptrack.granter(mapping) == granter.domid()
                && Maptrack.reference(mapping) == act
                && !Maptrack.isEstranged(maptrack.place(handle));
    }
}
