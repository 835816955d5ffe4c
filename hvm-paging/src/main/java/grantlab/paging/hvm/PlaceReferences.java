package grantlab.paging.hvm;

import grantlab.api.Access;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;

/**
 * What a place holds: one reference of its order, and, where it is a page mapped writable by a grant and the page's
 * owner is typed or is this domain, one use of the writable type. Foreign frames and larger orders are held by their
 * reference alone: domains whose pages carry types have no large blocks to grant.
 */
final class PlaceReferences {
    private final int domid;
    private final FrameTable frames;

    PlaceReferences(int domid, FrameTable frames) {
        this.domid = domid;
        this.frames = frames;
    }

    /** Drops what a grant or foreign place held that is no more. */
    void drop(long entry) {
        long mfn = PhysicalMap.frameOf(entry);
        if (PhysicalMap.isWritableGrant(PhysicalMap.typeOf(entry)) && mayHoldType(entry)) {
            frames.putType(mfn);
        }
        frames.put(mfn, PhysicalMap.orderOf(entry));
    }

    /**
     * Unmap asks for the frame and not for the right (xen-semantics 6.6), so two handles of one frame, one of them
     * read-only, may take each other's place. The caller then drops what its own handle stands for: this makes the type
     * uses come out even.
     *
     * @param entry the place that is going to be emptied
     * @param access what the caller is going to drop for
     * @return false when the type use that the caller expects cannot be had
     */
    boolean fitTo(long entry, int access) {
        boolean held = PhysicalMap.typeOf(entry) == PhysicalMap.GRANT_RW;
        boolean expected = Access.writes(access);
        if (held == expected || !mayHoldType(entry)) {
            return true;
        }
        long mfn = PhysicalMap.frameOf(entry);
        if (expected) {
            return frames.getType(mfn, FrameTable.TYPE_WRITABLE);
        }
        frames.putType(mfn);
        return true;
    }

    private boolean mayHoldType(long entry) {
        if (PhysicalMap.orderOf(entry) != Page.ORDER_4K) {
            return false;
        }
        int owner = frames.owner(PhysicalMap.frameOf(entry));
        return owner == domid || (owner != FrameTable.NO_OWNER && frames.typed(owner));
    }
}
