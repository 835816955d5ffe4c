package grantlab.p2m.frame;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Hands free frames out and takes them back. What a frame holds stays in it, as in Xen's heap, unless its
 * owner was dying or the next one asks for zeroes. Guarded by the books of the frame table.
 */
final class Heap {
    /** What becomes of the bytes that a frame has. */
    enum Bytes {
        KEPT,
        ZEROED
    }

    private final Allocatable allocatable;
    private final MachineMemory memory;
    private final Regions regions;
    private final AllocationOrder allocationOrder;

    /** Where the search of {@link AllocationOrder#ROTATING} begins: behind the last allocation. At first anywhere. */
    private long behind = 0x1357;

    /** What was given back, the last one last, where the order asks for it; some are in use again. */
    private final Deque<Long> freed = new ArrayDeque<>();

    Heap(RamLayout layout, MachineMemory memory, Regions regions, AllocationOrder allocationOrder) {
        this.allocationOrder = allocationOrder;
        this.allocatable = new Allocatable(layout);
        this.memory = memory;
        this.regions = regions;
    }

    /**
     * Gives frames to a domain, one reference each.
     *
     * @param owner the domain
     * @param order 0, 9 or 18
     * @param lowest no frame below this
     * @param flags of their {@link FrameWord}
     * @param bytes whether what they hold is zeroed
     * @return the first frame, or NONE
     */
    long allocate(int owner, int order, long lowest, long flags, Bytes bytes) {
        BlockCounters.requireOrder(order);
        long mfn = take(order, lowest);
        if (mfn != FrameTable.NONE) {
            hand(mfn, order, FrameWord.ownedBy(owner) | flags, bytes);
            declareWhole(mfn, order, owner);
        }
        return mfn;
    }

    private long take(int order, long lowest) {
        return switch (allocationOrder) {
            case LOWEST_FIRST -> takeLowest(order, lowest);
            case LAST_FREED_FIRST, FIRST_FREED_FIRST -> takeFreed(order, lowest);
            case ROTATING -> takeNext(order, lowest);
        };
    }

    private long takeFreed(int order, long lowest) {
        while (order == Page.ORDER_4K && !freed.isEmpty()) {
            long mfn = allocationOrder == AllocationOrder.LAST_FREED_FIRST ? freed.removeLast() : freed.removeFirst();
            if (mfn >= lowest && !FrameWord.has(regions.state(mfn), FrameWord.ALLOCATED)) {
                return takeLowest(order, mfn);
            }
        }
        return takeLowest(order, lowest);
    }

    private long takeNext(int order, long lowest) {
        long mfn = takeLowest(order, Math.max(lowest, behind));
        if (mfn == FrameTable.NONE) {
            mfn = takeLowest(order, lowest);
        }
        if (mfn != FrameTable.NONE) {
            behind = mfn + (1L << order);
        }
        return mfn;
    }

    private long takeLowest(int order, long lowest) {
        long from = allocatable.next(lowest);
        while (from < Page.FRAME_LIMIT) {
            long mfn = regionMade(from).free.take(order, from);
            if (mfn != FrameTable.NONE) {
                return mfn;
            }
            from = allocatable.next(Regions.after(from, Region.SHIFT));
        }
        return FrameTable.NONE;
    }

    private Region regionMade(long mfn) {
        Region region = regions.of(mfn);
        if (region == null) {
            region = new Region(new FreeFrames(allocatable, mfn & -(1L << Region.SHIFT)));
            regions.put(mfn, region);
        }
        return region;
    }

    private void hand(long first, int order, long owned, Bytes bytes) {
        for (long mfn = first; mfn < first + (1L << order); mfn++) {
            long[] chunk = regions.chunkMade(mfn);
            if (isDirty(Region.state(chunk, mfn), bytes)) {
                memory.fill(Page.address(mfn), Page.SIZE, (byte) 0);
            }
            Region.setState(chunk, mfn, owned | FrameWord.USED | 1);
        }
    }

    /** Whether a free frame's bytes must not be seen by its next owner. */
    private static boolean isDirty(long word, Bytes wanted) {
        return FrameWord.has(word, FrameWord.NEEDS_SCRUB)
                || (wanted == Bytes.ZEROED && FrameWord.has(word, FrameWord.USED));
    }

    /** The blocks that an allocation fills: itself, and those of order 9 within. */
    private void declareWhole(long first, int order, int owner) {
        if (order == Page.ORDER_4K) {
            return;
        }
        BlockCounters blocks = regionMade(first).blocks;
        for (long mfn = first; mfn < first + (1L << order); mfn += 1L << Page.ORDER_2M) {
            blocks.allocated(BlockCounters.index(mfn, Page.ORDER_2M), owner);
        }
        if (order == Page.ORDER_1G) {
            blocks.allocated(BlockCounters.index(first, order), owner);
        }
    }

    /**
     * Takes one frame back, however it was allocated.
     *
     * @param mfn the frame
     * @param scrub whether its bytes are zeroed before anybody has it again; as in Xen that waits until somebody wants
     *     it, and until then the operating system need not spend memory on a frame that was never touched
     */
    void free(long mfn, boolean scrub) {
        Region.setState(regions.heldChunk(mfn), mfn, scrub ? FrameWord.USED | FrameWord.NEEDS_SCRUB : FrameWord.USED);
        regions.held(mfn).free.give(mfn);
        if (allocationOrder == AllocationOrder.LAST_FREED_FIRST
                || allocationOrder == AllocationOrder.FIRST_FREED_FIRST) {
            freed.addLast(mfn);
        }
    }
}
