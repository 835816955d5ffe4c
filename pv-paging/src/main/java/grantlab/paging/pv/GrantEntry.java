package grantlab.paging.pv;

import grantlab.api.Access;
import grantlab.api.abi.Gntmap;

/** What the L1 entry of a grant mapping looks like (xen-semantics 7.1 and 7.4, rows 5 and 6). */
final class GrantEntry {
    private static final long ALWAYS =
            PageTableEntry.PRESENT | PageTableEntry.ACCESSED | PageTableEntry.DIRTY | PageTableEntry.NO_EXECUTE;

    private GrantEntry() {}

    /** The entry that a map request writes. */
    static long of(long mfn, int gntmapFlags, int access) {
        long flags = ALWAYS | guestAvailable(gntmapFlags);
        if ((gntmapFlags & Gntmap.APPLICATION_MAP) != 0) {
            flags |= PageTableEntry.USER;
        }
        if (Access.writes(access)) {
            flags |= PageTableEntry.WRITABLE;
        }
        return PageTableEntry.adjustL1(PageTableEntry.of(mfn, flags));
    }

    /** The entry that grants v3 write: it goes the way that it came, and by no other. */
    static long ofV3(long mfn, int gntmapFlags, int access) {
        return of(mfn, gntmapFlags, access) | PageTableEntry.V3_GRANT;
    }

    /** Whether an entry is a mapping of grants v3. */
    static boolean isV3(long entry) {
        return PageTableEntry.isPresent(entry) && (entry & PageTableEntry.V3_GRANT) != 0;
    }

    /** Whether an entry is the mapping that an unmap request names: frame, presence and right, and none of grants v3. */
    static boolean matches(long entry, long mfn, int access) {
        return PageTableEntry.maps(entry, mfn)
                && PageTableEntry.isWritable(entry) == Access.writes(access)
                && !isV3(entry);
    }

    /** Bits 16 to 18 of the request become bits 9 to 11; the higher ones have no place. */
    private static long guestAvailable(int gntmapFlags) {
        return (long) (gntmapFlags >>> Gntmap.GUEST_AVAIL_SHIFT) << PageTableEntry.AVAILABLE_SHIFT
                & PageTableEntry.AVAILABLE;
    }
}
