package grantlab.paging.hvm;

import grantlab.api.Access;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.PhysicalMap;

/**
 * What a place holds on its frames: one reference of its order, and, where it is a writable grant whose owner is
 * typed or is this domain, one use of the writable type on each frame. A foreign frame is held by its reference
 * alone.
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
        int order = PhysicalMap.orderOf(entry);
        if (PhysicalMap.typeOf(entry) == PhysicalMap.GRANT_RW && isTyped(mfn)) {
            dropTypes(mfn, order);
        }
        frames.put(mfn, order);
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
        long mfn = PhysicalMap.frameOf(entry);
        if (held == expected || !isTyped(mfn)) {
            return true;
        }
        if (held) {
            dropTypes(mfn, PhysicalMap.orderOf(entry));
            return true;
        }
        return takeTypes(mfn, PhysicalMap.orderOf(entry));
    }

    private boolean takeTypes(long mfn, int order) {
        for (long taken = 0; taken < 1L << order; taken++) {
            if (!frames.getType(mfn + taken, FrameTable.TYPE_WRITABLE)) {
                for (long back = 0; back < taken; back++) {
                    frames.putType(mfn + back);
                }
                return false;
            }
        }
        return true;
    }

    private void dropTypes(long mfn, int order) {
        for (long frame = mfn; frame < mfn + (1L << order); frame++) {
            frames.putType(frame);
        }
    }

    private boolean isTyped(long mfn) {
        int owner = frames.owner(mfn);
        return owner == domid || (owner != FrameTable.NO_OWNER && frames.typed(owner));
    }
}
