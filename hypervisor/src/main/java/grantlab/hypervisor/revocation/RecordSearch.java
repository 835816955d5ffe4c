package grantlab.hypervisor.revocation;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.Records;

/** Follows the list that each act and each reference has of its mappings: what it costs is what there is to be taken. */
public final class RecordSearch implements MappingSearch {
    /** Over lists that are kept anyway. */
    public RecordSearch() {}

    /** What was taken is in the other list of the act. */
    @Override
    public boolean ofLeaf(Domain grantee, int act, long frame, int order, Visitor visitor) {
        LeafActs acts = grantee.books().acts();
        return list(grantee.books().records(), acts.firstRecord(act), visitor);
    }

    @Override
    public boolean handlesOf(Domain granter, Acts acts, Domain grantee, int act, Visitor visitor) {
        Maptrack maptrack = grantee.maptrack();
        for (int handle = acts.firstHandle(act); handle != Maptrack.NONE; handle = maptrack.next(handle)) {
            if (maptrack.place(handle) != Maptrack.TAKEN && !visitor.visit(handle)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean aliasesOf(Domain granter, Acts acts, Domain grantee, int act, long word, Visitor visitor) {
        return list(grantee.books().records(), acts.firstRecord(act, word), visitor);
    }

    private static boolean list(Records records, int first, Visitor visitor) {
        for (int record = first; record != Records.NONE; record = records.nextOfAct(record)) {
            if (!records.empty(record) && !visitor.visit(record)) {
                return false;
            }
        }
        return true;
    }
}
