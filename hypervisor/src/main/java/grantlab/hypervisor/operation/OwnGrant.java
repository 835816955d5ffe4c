package grantlab.hypervisor.operation;

import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.domain.Domain;

/**
 * A place of a translated domain that holds a mapping of a grant. Of the domain's own memory it can be emptied by other means
 * than unmap, and then its handle is {@link grantlab.hypervisor.mapping.Maptrack#orphan orphaned}. One of grants v3 cannot.
 */
final class OwnGrant {
    private OwnGrant() {}

    static boolean stands(Domain domain, long gfn) {
        if (!domain.translated()) {
            return false;
        }
        long entry = domain.physicalMap().entry(gfn);
        int type = entry == PhysicalMap.INVALID ? PhysicalMap.NONE : PhysicalMap.typeOf(entry);
        return PhysicalMap.isGrant(type) && !PhysicalMap.isV3Grant(type);
    }

    /** Such a place was emptied; its handle keeps the references. */
    static void left(Domain domain, long gfn) {
        domain.maptrack().orphan(gfn);
    }
}
