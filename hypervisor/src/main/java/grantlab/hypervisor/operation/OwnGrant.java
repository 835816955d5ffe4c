package grantlab.hypervisor.operation;

import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.domain.Domain;

/**
 * A place of a translated domain that holds a mapping of a grant. Of the domain's own memory it can be emptied by other means
 * than unmap, and then its handle is {@link grantlab.hypervisor.mapping.Maptrack#orphan orphaned}, or its record.
 */
final class OwnGrant {
    private OwnGrant() {}

    static boolean stands(Domain domain, long gfn) {
        if (!domain.translated()) {
            return false;
        }
        long entry = domain.physicalMap().entry(gfn);
        return entry != PhysicalMap.INVALID
                && (PhysicalMap.typeOf(entry) == PhysicalMap.GRANT_RW
                        || PhysicalMap.typeOf(entry) == PhysicalMap.GRANT_RO);
    }

    /** Such a place was emptied; its handle, or its record, keeps the references. */
    static void left(Domain domain, long gfn) {
        if (!domain.maptrack().orphan(gfn)) {
            domain.books().records().orphan(gfn);
        }
    }
}
