package grantlab.paging.pv;

import grantlab.api.Errno;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.RamLayout;

/**
 * What a present L1 entry holds on the page that it maps: one reference, and one use of the writable type where it is
 * writable and the page's owner is typed or is this domain (get_page_from_l1e, put_page_from_l1e).
 */
final class PageReferences {
    /** What bits 12 to 51 of all ones name: Xen's INVALID_MFN in an entry. */
    private static final long INVALID_MFN = (1L << 40) - 1;

    private final int domid;
    private final MachineMemory memory;
    private final FrameTable frames;

    PageReferences(int domid, MachineMemory memory, FrameTable frames) {
        this.domid = domid;
        this.memory = memory;
        this.frames = frames;
    }

    /**
     * Takes what an entry that the guest made is going to hold.
     *
     * @param entry present
     * @return zero or a negated errno, and then nothing was taken
     */
    int take(long entry) {
        if ((entry & PageTableEntry.FORBIDDEN_IN_L1) != 0) {
            return -Errno.EINVAL;
        }
        long mfn = PageTableEntry.frameOf(entry);
        if (!isMemory(mfn)) {
            return mfn == INVALID_MFN ? -Errno.EINVAL : -Errno.EPERM;
        }
        if (!frames.get(mfn, 0, domid)) {
            return -Errno.EBUSY;
        }
        if (PageTableEntry.isWritable(entry) && !frames.getType(mfn, FrameTable.TYPE_WRITABLE)) {
            frames.put(mfn, 0);
            return -Errno.EBUSY;
        }
        return 0;
    }

    /**
     * Takes the type use, where there is one, of an entry for which the caller brings the reference.
     *
     * @return false when the page has another type
     */
    boolean takeType(long entry) {
        long mfn = PageTableEntry.frameOf(entry);
        return !holdsType(entry, mfn) || frames.getType(mfn, FrameTable.TYPE_WRITABLE);
    }

    /** Drops what an entry held that stands nowhere any more. An entry that is not present holds nothing. */
    void drop(long entry) {
        if (!PageTableEntry.isPresent(entry)) {
            return;
        }
        long mfn = PageTableEntry.frameOf(entry);
        if (holdsType(entry, mfn)) {
            frames.putType(mfn);
        }
        frames.put(mfn, 0);
    }

    /** Whether dropping an entry's reference frees its page. */
    boolean isLast(long entry) {
        return PageTableEntry.isPresent(entry) && frames.references(PageTableEntry.frameOf(entry)) == 1;
    }

    private boolean holdsType(long entry, long mfn) {
        if (!PageTableEntry.isWritable(entry)) {
            return false;
        }
        int owner = frames.owner(mfn);
        return owner == domid || (owner != FrameTable.NO_OWNER && frames.typed(owner));
    }

    /** RAM that is not the firmware's: the rest is I/O memory, which no domain here may map. */
    private boolean isMemory(long mfn) {
        return mfn >= RamLayout.FIRMWARE_FRAMES && memory.isRam(mfn);
    }
}
