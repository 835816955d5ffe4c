package grantlab.hypervisor.operation;

import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.domain.Domain;

/**
 * A place of a translated domain that holds a mapping of a grant. Of the domain's own memory it can be emptied by other means
 * than unmap, and then its handle is {@link grantlab.hypervisor.mapping.Maptrack#orphan orphaned}. One of grants v3 cannot.
 */
final class OwnGrant {
    private OwnGrant() {}

    /** The type of such a place; NONE where there is none. */
    static int type(Domain domain, long gfn) {
        long entry = domain.translated() ? domain.physicalMap().entry(gfn) : PhysicalMap.INVALID;
        int type = entry == PhysicalMap.INVALID ? PhysicalMap.NONE : PhysicalMap.typeOf(entry);
        return PhysicalMap.isGrant(type) && !PhysicalMap.isV3Grant(type) ? type : PhysicalMap.NONE;
    }

    /** A place of this type was emptied, if there was one; its handle keeps the references. */
    static void left(Domain domain, long gfn, int type) {
        if (type != PhysicalMap.NONE) {
            domain.maptrack().orphan(gfn, type == PhysicalMap.GRANT_RW);
        }
    }
}
