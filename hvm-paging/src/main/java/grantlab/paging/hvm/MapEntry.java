package grantlab.paging.hvm;

import grantlab.api.Access;
import grantlab.api.memory.PhysicalMap;

/** What the types of {@link PhysicalMap} entries mean to the guest and to Xen. An absent entry is INVALID. */
final class MapEntry {
    private MapEntry() {}

    static boolean isPresent(long entry) {
        return entry != PhysicalMap.INVALID && PhysicalMap.typeOf(entry) != PhysicalMap.NONE;
    }

    /** A grant mapping (p2m_is_grant). */
    static boolean isGrant(long entry) {
        return entry != PhysicalMap.INVALID && PhysicalMap.isGrant(PhysicalMap.typeOf(entry));
    }

    /** A grant mapping of one frame. */
    static boolean isGrantOf(long entry, long mfn) {
        return isGrant(entry) && PhysicalMap.frameOf(entry) == mfn;
    }

    /** A grant mapping of a frame of a block. */
    static boolean isGrantOf(long entry, long mfn, int order) {
        return isGrant(entry) && PhysicalMap.frameOf(entry) >>> order == mfn >>> order;
    }

    /** A grant mapping of grants v3, which the other operations leave alone. */
    static boolean isV3Grant(long entry) {
        return entry != PhysicalMap.INVALID && PhysicalMap.isV3Grant(PhysicalMap.typeOf(entry));
    }

    static boolean isForeign(long entry) {
        return entry != PhysicalMap.INVALID && PhysicalMap.typeOf(entry) == PhysicalMap.FOREIGN;
    }

    /** Frames of the domain's own grant table (is_special_page). */
    static boolean isTableFrame(long entry) {
        return entry != PhysicalMap.INVALID && PhysicalMap.typeOf(entry) == PhysicalMap.TABLE_FRAME;
    }

    /** What goes only the way that it came, and is not simply mapped over (p2m_is_special). */
    static boolean isSpecial(long entry) {
        return isGrant(entry) || isForeign(entry);
    }

    /** Entries that the machine-to-physical table knows (p2m_is_ram). */
    static boolean isRam(long entry) {
        return isPresent(entry) && !isSpecial(entry);
    }

    /** Whether a store arrives; elsewhere it vanishes. */
    static boolean isWritable(long entry) {
        if (!isPresent(entry)) {
            return false;
        }
        int type = PhysicalMap.typeOf(entry);
        return type != PhysicalMap.RAM_RO && type != PhysicalMap.GRANT_RO && type != PhysicalMap.V3_GRANT_RO;
    }

    /** The right of a grant mapping. */
    static int right(long entry) {
        return PhysicalMap.isWritableGrant(PhysicalMap.typeOf(entry)) ? Access.READ | Access.WRITE : Access.READ;
    }

    /** The type of a grant mapping. */
    static int grantType(boolean writable) {
        return writable ? PhysicalMap.GRANT_RW : PhysicalMap.GRANT_RO;
    }

    /** The type of a grant mapping of grants v3. */
    static int v3GrantType(boolean writable) {
        return writable ? PhysicalMap.V3_GRANT_RW : PhysicalMap.V3_GRANT_RO;
    }
}
