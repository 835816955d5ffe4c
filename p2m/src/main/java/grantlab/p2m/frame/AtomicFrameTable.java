package grantlab.p2m.frame;

import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.FrameWatcher;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.map.MachineToPhysical;
import org.jspecify.annotations.Nullable;

/**
 * The books of all machine frames.
 *
 * <p>References and types come and go by compare-exchange of one word, see {@link FrameWord}, {@link TypeWord} and
 * {@link BlockCounters}. Frames come and go under one lock, the <em>books</em>, as under Xen's heap lock: allocation,
 * freeing, stealing. Thus a reference that is not the last one never waits.
 *
 * <p>How a frame becomes free, exactly once, though its last reference and the last one of a block around it may be dropped
 * at the same time: both droppers come to {@link #settle}, one after the other. It declares the blocks around the frame
 * broken, so that no new reference on an unreferenced block can come, and frees the frame if the blocks have no references;
 * else the frame waits, owned but without references of its own, for the last reference of the block.
 */
public final class AtomicFrameTable implements FrameTable {
    private final MachineToPhysical machineToPhysical;
    private final Regions regions = new Regions();
    private final Types types;
    private final Heap heap;
    private final Admissions admissions = new Admissions();
    private final long referenceLimit;

    /** Guards which frames are free, whose they are, and which blocks are whole. */
    private final Object books = new Object();

    /**
     * Opens the books: every frame is free.
     *
     * @param layout where RAM is
     * @param memory its bytes, all zero
     * @param machineToPhysical the guest frames; freed frames lose theirs
     */
    public AtomicFrameTable(RamLayout layout, MachineMemory memory, MachineToPhysical machineToPhysical) {
        this(layout, memory, machineToPhysical, AllocationOrder.LOWEST_FIRST);
    }

    /**
     * Opens the books: every frame is free.
     *
     * @param layout where RAM is
     * @param memory its bytes, all zero
     * @param machineToPhysical the guest frames; freed frames lose theirs
     * @param order which free frames allocations get
     */
    public AtomicFrameTable(
            RamLayout layout, MachineMemory memory, MachineToPhysical machineToPhysical, AllocationOrder order) {
        this(layout, memory, machineToPhysical, order, FrameWord.REFERENCE_LIMIT);
    }

    AtomicFrameTable(
            RamLayout layout,
            MachineMemory memory,
            MachineToPhysical machineToPhysical,
            AllocationOrder order,
            long referenceLimit) {
        this.machineToPhysical = machineToPhysical;
        this.types = new Types(regions, referenceLimit);
        this.heap = new Heap(layout, memory, regions, order);
        this.referenceLimit = referenceLimit;
    }

    // Domains

    @Override
    public void admit(int domid, boolean typed) {
        synchronized (books) {
            admissions.admit(domid, typed);
        }
    }

    @Override
    public void watch(int domid, FrameWatcher watcher) {
        admissions.of(domid).watcher = watcher;
        types.askAtFirstUse(this::admitFirstUse);
    }

    private boolean admitFirstUse(long mfn, int type) {
        long word = regions.state(mfn);
        if (!FrameWord.hasOwner(word) || FrameWord.has(word, FrameWord.SHARED)) {
            return true;
        }
        FrameWatcher watcher = admissions.of(FrameWord.owner(word)).watcher;
        return watcher == null || watcher.typed(mfn, type);
    }

    private static final long[] NO_CHUNK = {};

    private static void tellGained(Admission admission, long mfn, int order) {
        FrameWatcher watcher = admission.watcher;
        if (watcher != null) {
            watcher.gained(mfn, order);
        }
    }

    /** Somebody was told that frames are lost. The caller does not hold the books: it may take its time. */
    private static void awaitForgetting(Admission admission) {
        FrameWatcher watcher = admission.watcher;
        if (watcher != null) {
            watcher.forget();
        }
    }

    @Override
    public boolean typed(int domid) {
        return admissions.of(domid).typed;
    }

    @Override
    public void retire(int domid) {
        admissions.of(domid).retired = true;
    }

    @Override
    public long pages(int domid) {
        Admission admission = admissions.find(domid);
        return admission == null ? 0 : admission.pages();
    }

    @Override
    public long sharedPages(int domid) {
        Admission admission = admissions.find(domid);
        return admission == null ? 0 : admission.sharedPages();
    }

    /**
     * How often a domain got or lost frames.
     *
     * @param domid an admitted domain
     * @return the same until the domid is admitted again
     */
    public Changes ownershipChanges(int domid) {
        return admissions.of(domid).changes();
    }

    // References

    @Override
    public int owner(long mfn) {
        return FrameWord.owner(regions.state(mfn));
    }

    @Override
    public boolean isShared(long mfn) {
        return FrameWord.has(regions.state(mfn), FrameWord.SHARED);
    }

    @Override
    public long references(long mfn) {
        Region region = regions.of(mfn);
        return region == null ? 0 : FrameWord.references(regions.state(mfn)) + blockReferences(region, mfn);
    }

    private static long blockReferences(Region region, long mfn) {
        return region.blocks.references(BlockCounters.index(mfn, Page.ORDER_2M))
                + region.blocks.references(BlockCounters.index(mfn, Page.ORDER_1G));
    }

    @Override
    public boolean get(long mfn, int order, int owner) {
        return order == Page.ORDER_4K ? getFrame(mfn, owner, 0) : getBlock(mfn, order, owner);
    }

    @Override
    public boolean getPlain(long mfn, int order, int owner) {
        long @Nullable [] chunk = regions.chunk(mfn);
        if (chunk == null || !hasPlainType(chunk, mfn)) {
            return false;
        }
        return order == Page.ORDER_4K
                ? getFrame(chunk, mfn, owner, FrameWord.SHARED)
                : !FrameWord.has(Region.state(chunk, mfn), FrameWord.SHARED) && getBlock(mfn, order, owner);
    }

    /** What each of neighbours goes by is loaded once: they lie in one chunk mostly. */
    @Override
    public int getPlain(long[] mfns, int count, int owner) {
        long[] chunk = null;
        long of = -1;
        for (int i = 0; i < count; i++) {
            long mfn = mfns[i];
            if (mfn >>> Region.CHUNK_SHIFT != of) {
                chunk = regions.chunk(mfn);
                of = mfn >>> Region.CHUNK_SHIFT;
            }
            if (chunk == null || !hasPlainType(chunk, mfn) || !getFrame(chunk, mfn, owner, FrameWord.SHARED)) {
                return i;
            }
        }
        return count;
    }

    private static boolean hasPlainType(long[] chunk, long mfn) {
        int type = TypeWord.type(Region.type(chunk, mfn));
        return type == TYPE_NONE || type == TYPE_WRITABLE;
    }

    private boolean getFrame(long mfn, int owner, long refused) {
        long @Nullable [] chunk = regions.chunk(mfn);
        return chunk != null && getFrame(chunk, mfn, owner, refused);
    }

    /** @param refused flags of which the frame must have none, by the look that the reference goes by */
    private boolean getFrame(long[] chunk, long mfn, int owner, long refused) {
        while (true) {
            long word = Region.state(chunk, mfn);
            long references = FrameWord.references(word);
            if (!FrameWord.isOwnedBy(word, owner) || references >= referenceLimit || FrameWord.has(word, refused)) {
                return false;
            }
            if (references == 0) {
                return getWaiting(chunk, mfn, owner, refused);
            }
            if (Region.changeState(chunk, mfn, word, word + 1)) {
                return true;
            }
        }
    }

    /** A frame that only references of blocks keep gets one of its own again; one of the hypervisor never does. */
    private boolean getWaiting(long[] chunk, long mfn, int owner, long refused) {
        boolean referenced;
        Admission leaving = null;
        synchronized (books) {
            referenced = FrameWord.references(Region.state(chunk, mfn)) != 0;
            if (!referenced) {
                leaving = settleHeld(mfn);
                long word = Region.state(chunk, mfn);
                if (FrameWord.isOwnedBy(word, owner) && !FrameWord.has(word, FrameWord.SHARED)) {
                    Region.setState(chunk, mfn, word + 1);
                    return true;
                }
            }
        }
        freeForgotten(mfn, leaving);
        return referenced && getFrame(mfn, owner, refused);
    }

    private boolean getBlock(long mfn, int order, int owner) {
        int index = BlockCounters.index(mfn, order);
        Region region = regions.of(mfn);
        if (region == null || !isAligned(mfn, order)) {
            return false;
        }
        BlockCounters.Answer answer = region.blocks.get(index, owner, referenceLimit);
        while (answer == BlockCounters.Answer.UNDECIDED) {
            synchronized (books) {
                answer = region.blocks.get(index, owner, referenceLimit);
            }
        }
        return answer == BlockCounters.Answer.TAKEN;
    }

    private static boolean isAligned(long mfn, int order) {
        return (mfn & ((1L << order) - 1)) == 0;
    }

    @Override
    public void put(long mfn, int order) {
        if (order == Page.ORDER_4K) {
            putFrame(mfn);
        } else {
            putBlock(mfn, order);
        }
    }

    @Override
    public void put(long[] mfns, int from, int end) {
        long[] chunk = NO_CHUNK;
        long of = -1;
        for (int i = from; i < end; i++) {
            long mfn = mfns[i];
            if (mfn >>> Region.CHUNK_SHIFT != of) {
                chunk = regions.heldChunk(mfn);
                of = mfn >>> Region.CHUNK_SHIFT;
            }
            putFrame(chunk, mfn);
        }
    }

    private void putFrame(long mfn) {
        putFrame(regions.heldChunk(mfn), mfn);
    }

    private void putFrame(long[] chunk, long mfn) {
        while (true) {
            long word = Region.state(chunk, mfn);
            if (FrameWord.references(word) == 0 || FrameWord.isLastOne(word)) {
                throw new IllegalStateException(
                        "a reference that nobody took is dropped: " + FrameWord.describe(mfn, word));
            }
            if (Region.changeState(chunk, mfn, word, word - 1)) {
                if (FrameWord.references(word) == 1) {
                    settle(mfn);
                }
                return;
            }
        }
    }

    private void putBlock(long mfn, int order) {
        int index = BlockCounters.index(mfn, order);
        if (!isAligned(mfn, order)) {
            throw new IllegalArgumentException("mfn 0x" + Long.toHexString(mfn) + " begins no block of order " + order);
        }
        if (regions.held(mfn).blocks.put(mfn, index)) {
            settleBlock(mfn, order);
        }
    }

    @Override
    public boolean releaseAllocation(long mfn) {
        long @Nullable [] chunk = regions.chunk(mfn);
        if (chunk == null) {
            return false;
        }
        while (true) {
            long word = Region.state(chunk, mfn);
            if (!FrameWord.has(word, FrameWord.ALLOCATED)) {
                return false;
            }
            if (Region.changeState(chunk, mfn, word, (word & ~FrameWord.ALLOCATED) - 1)) {
                if (FrameWord.references(word) == 1) {
                    settle(mfn);
                }
                return true;
            }
        }
    }

    @Override
    public boolean isAllocated(long mfn) {
        return FrameWord.has(regions.state(mfn), FrameWord.ALLOCATED);
    }

    // Types

    @Override
    public boolean getType(long mfn, int type) {
        return types.get(mfn, type);
    }

    @Override
    public void putType(long mfn) {
        types.put(mfn);
    }

    @Override
    public int type(long mfn) {
        return TypeWord.type(types.word(mfn));
    }

    @Override
    public long typeUses(long mfn) {
        return TypeWord.uses(types.word(mfn));
    }

    // Allocation

    @Override
    public long allocate(int owner, int order) {
        return allocateFrom(owner, order, 0);
    }

    @Override
    public long allocateFrom(int owner, int order, long lowest) {
        return allocate(owner, order, lowest, Heap.Bytes.KEPT);
    }

    @Override
    public long allocateZeroed(int owner, int order) {
        return allocate(owner, order, 0, Heap.Bytes.ZEROED);
    }

    private long allocate(int owner, int order, long lowest, Heap.Bytes bytes) {
        synchronized (books) {
            Admission admission = admissions.of(owner);
            long mfn = heap.allocate(owner, order, Math.max(0, lowest), FrameWord.ALLOCATED, bytes);
            if (mfn != NONE) {
                admission.count(false, 1L << order);
                tellGained(admission, mfn, order);
            }
            return mfn;
        }
    }

    @Override
    public long allocateShared(int owner) {
        synchronized (books) {
            Admission admission = admissions.of(owner);
            long mfn =
                    heap.allocate(owner, Page.ORDER_4K, 0, FrameWord.ALLOCATED | FrameWord.SHARED, Heap.Bytes.ZEROED);
            if (mfn != NONE) {
                admission.count(true, 1);
                if (admission.retired) {
                    releaseAllocation(mfn);
                }
            }
            return mfn;
        }
    }

    // The end of frames

    /** Frees a domain's frame without references; twice does no harm. */
    private void settle(long mfn) {
        Admission leaving;
        synchronized (books) {
            leaving = settleHeld(mfn);
        }
        freeForgotten(mfn, leaving);
    }

    /**
     * Frees a domain's frame without references, unless it has to be forgotten first: until then it is nobody's, as if it were stolen.
     * The caller holds the books.
     *
     * @return whose it was, for {@link #freeForgotten}; null when it is free, or still held
     */
    private @Nullable Admission settleHeld(long mfn) {
        long word = regions.state(mfn);
        if (!FrameWord.hasOwner(word) || FrameWord.references(word) != 0 || FrameWord.has(word, FrameWord.SHARED)) {
            return null;
        }
        BlockCounters blocks = regions.held(mfn).blocks;
        long kept = blocks.breakUp(BlockCounters.index(mfn, Page.ORDER_2M))
                + blocks.breakUp(BlockCounters.index(mfn, Page.ORDER_1G));
        if (kept != 0) {
            return null;
        }
        Admission admission = admissions.of(FrameWord.owner(word));
        FrameWatcher watcher = admission.watcher;
        if (watcher == null) {
            free(mfn, admission);
            return null;
        }
        watcher.lost(mfn);
        Region.setState(regions.heldChunk(mfn), mfn, FrameWord.STOLEN | FrameWord.USED | 1);
        return admission;
    }

    /** The second half, without the books: devices that hang hold up nobody else. */
    private void freeForgotten(long mfn, @Nullable Admission leaving) {
        if (leaving != null) {
            awaitForgetting(leaving);
            synchronized (books) {
                free(mfn, leaving);
            }
        }
    }

    private void free(long mfn, Admission admission) {
        free(mfn, admission.retired);
        admission.count(false, -1);
    }

    @Override
    public void freeShared(long mfn) {
        synchronized (books) {
            long word = regions.state(mfn);
            long own = FrameWord.has(word, FrameWord.ALLOCATED) ? 1 : 0;
            if (!FrameWord.has(word, FrameWord.SHARED)
                    || FrameWord.references(word) != own
                    || !Region.changeState(regions.heldChunk(mfn), mfn, word, FrameWord.STOLEN | 1)) {
                throw new IllegalStateException(
                        "not a frame of the hypervisor that nobody holds: " + FrameWord.describe(mfn, word));
            }
            free(mfn, false);
            admissions.of(FrameWord.owner(word)).count(true, -1);
        }
    }

    /** The last reference of a block was dropped. */
    private void settleBlock(long first, int order) {
        for (long mfn = first; mfn < first + (1L << order); mfn++) {
            settle(mfn);
        }
    }

    private void free(long mfn, boolean scrub) {
        if (types.word(mfn) != TypeWord.NONE) {
            throw new IllegalStateException(
                    "a frame with a type in use is freed: " + FrameWord.describe(mfn, regions.state(mfn)));
        }
        machineToPhysical.set(mfn, NONE);
        heap.free(mfn, scrub);
    }

    // Transfer

    @Override
    public boolean steal(long mfn, int owner, int expected) {
        boolean stolen = take(mfn, owner, expected);
        if (stolen) {
            awaitForgetting(admissions.of(owner));
        }
        return stolen;
    }

    private boolean take(long mfn, int owner, int expected) {
        synchronized (books) {
            long @Nullable [] chunk = regions.chunk(mfn);
            if (chunk == null || !mayBeStolen(Region.state(chunk, mfn), mfn, owner, expected)) {
                return false;
            }
            BlockCounters blocks = regions.held(mfn).blocks;
            int inner = BlockCounters.index(mfn, Page.ORDER_2M);
            int outer = BlockCounters.index(mfn, Page.ORDER_1G);
            if (!blocks.hold(inner)) {
                return false;
            }
            boolean stolen = false;
            if (blocks.hold(outer)) {
                stolen = stealHeld(chunk, mfn, owner, expected);
                blocks.letGo(outer, stolen);
            }
            blocks.letGo(inner, stolen);
            if (stolen) {
                Admission admission = admissions.of(owner);
                FrameWatcher watcher = admission.watcher;
                if (watcher != null) {
                    watcher.lost(mfn);
                }
                admission.count(false, -1);
            }
            return stolen;
        }
    }

    /** Judges by one look at the state, which the theft then replaces: a second look could be of another one. */
    private boolean mayBeStolen(long word, long mfn, int owner, int expected) {
        return FrameWord.has(word, FrameWord.ALLOCATED)
                && !FrameWord.has(word, FrameWord.SHARED)
                && FrameWord.owner(word) == owner
                && FrameWord.references(word) == expected
                && types.word(mfn) == TypeWord.NONE;
    }

    private boolean stealHeld(long[] chunk, long mfn, int owner, int expected) {
        long word = Region.state(chunk, mfn);
        return mayBeStolen(word, mfn, owner, expected)
                && Region.changeState(chunk, mfn, word, FrameWord.STOLEN | FrameWord.USED | 1);
    }

    @Override
    public void assign(long mfn, int owner) {
        synchronized (books) {
            Admission admission = admissions.of(owner);
            requireStolen(mfn);
            Region.setState(
                    regions.heldChunk(mfn), mfn, FrameWord.ownedBy(owner) | FrameWord.ALLOCATED | FrameWord.USED | 1);
            admission.count(false, 1);
            tellGained(admission, mfn, Page.ORDER_4K);
        }
    }

    @Override
    public void freeStolen(long mfn) {
        synchronized (books) {
            requireStolen(mfn);
            free(mfn, false);
        }
    }

    private void requireStolen(long mfn) {
        if (!FrameWord.has(regions.state(mfn), FrameWord.STOLEN)) {
            throw new IllegalStateException("not a stolen frame: " + FrameWord.describe(mfn, regions.state(mfn)));
        }
    }

    // Guest frames, and walks

    @Override
    public long machineToPhysical(long mfn) {
        return machineToPhysical.get(mfn);
    }

    @Override
    public void setMachineToPhysical(long mfn, long gfn) {
        machineToPhysical.set(mfn, gfn);
    }

    @Override
    public long nextOwned(int domid, long from) {
        long mfn = Math.max(0, from);
        while (mfn < Page.FRAME_LIMIT && domid != NO_OWNER) {
            long end = Regions.after(mfn, Region.CHUNK_SHIFT);
            long @Nullable [] chunk = regions.chunk(mfn);
            long found = chunk == null ? end : nextOwned(chunk, domid, mfn, end);
            if (found != end) {
                return found;
            }
            mfn = regions.next(end);
        }
        return NONE;
    }

    private static long nextOwned(long[] chunk, int domid, long from, long end) {
        long mfn = from;
        while (mfn != end && FrameWord.owner(Region.state(chunk, mfn)) != domid) {
            mfn++;
        }
        return mfn;
    }
}
