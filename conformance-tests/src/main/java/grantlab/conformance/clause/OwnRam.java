package grantlab.conformance.clause;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.RamLayout;
import grantlab.api.memory.RamLayout.Extent;
import grantlab.conformance.ClauseFailure;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * RAM beside the machine's, with nobody in it: clauses ask its bytes, its books and its maps by their own verbs. Three domains are
 * admitted and own nothing.
 */
final class OwnRam implements AutoCloseable {
    /** A domain with frame numbers of its own. */
    static final int TRANSLATED = 1;

    /** A domain that knows machine frames. */
    static final int TYPED = 2;

    /** One more that does. */
    static final int OTHER = 3;

    /** In {@link #LAYOUT}: where frame numbers begin to have more than 32 bits. */
    static final long HIGH = 1L << 32;

    /** In {@link #LAYOUT}: the last frame that there can be. */
    static final long LAST = Page.FRAME_LIMIT - 1;

    /** Frames in a block of order 9. */
    static final int BLOCK = 1 << Page.ORDER_2M;

    /** Two blocks behind the firmware's frames, five frames of a block, one block with three frames at each of its ends, the last four. */
    static final RamLayout LAYOUT = new RamLayout(List.of(
            new Extent(0, 3 * BLOCK),
            new Extent(3 * BLOCK + 0x103, 5),
            new Extent(HIGH + BLOCK - 3, BLOCK + 6),
            new Extent(LAST - 3, 4)));

    /** The blocks of {@link #LAYOUT} that can be had as a whole. */
    static final List<Long> BLOCKS = List.of((long) BLOCK, 2L * BLOCK, HIGH + BLOCK);

    private final String kind;
    private final MachineRam ram;
    private boolean closed;

    private OwnRam(World world, MemoryProvider kind, RamLayout layout) {
        this.kind = kind.name();
        ram = kind.create(layout, world.machine().settings().behaviour());
        frames().admit(TRANSLATED, false);
        frames().admit(TYPED, true);
        frames().admit(OTHER, true);
    }

    /** In the kind of memory that the machine has. */
    static OwnRam of(World world, RamLayout layout) {
        return new OwnRam(
                world,
                world.machine().installed().memory(world.machine().settings().memory()),
                layout);
    }

    static OwnRam of(World world) {
        return of(world, LAYOUT);
    }

    /** The same in each kind of memory that is installed, one after the other. */
    static void each(World world, Consumer<OwnRam> asked) {
        each(world, LAYOUT, asked);
    }

    /** The same with another layout. */
    static void each(World world, RamLayout layout, Consumer<OwnRam> asked) {
        for (MemoryProvider kind : world.machine().installed().memories()) {
            world.step("memory = " + kind.name());
            try (OwnRam ram = new OwnRam(world, kind, layout)) {
                asked.accept(ram);
            } catch (UnsupportedOperationException e) {
                world.step("memory = " + kind.name() + " is not for this operating system");
            }
        }
    }

    /** As the configuration calls it. */
    String kind() {
        return kind;
    }

    MachineRam ram() {
        return ram;
    }

    MachineMemory memory() {
        return ram.memory();
    }

    FrameTable frames() {
        return ram.frames();
    }

    PhysicalMap map() {
        return ram.translatedMap(TRANSLATED);
    }

    /** A frame of a domain's. */
    long frame(int domid) {
        return frame(domid, 0);
    }

    /** A frame of a domain's at or above a number. */
    long frame(int domid, long lowest) {
        return allocated(frames().allocateFrom(domid, Page.ORDER_4K, lowest));
    }

    /** Frames of a domain's, one of each sort: of any extent, above 16 TiB, the last. */
    long[] sorts(int domid) {
        return new long[] {frame(domid), frame(domid, HIGH), frame(domid, LAST)};
    }

    /** A certain frame, which must be free: which ones come first is for each kind of memory to say. */
    long exactly(int domid, int order, long mfn) {
        List<Long> others = new ArrayList<>();
        long got = allocated(frames().allocateFrom(domid, order, mfn));
        while (got != mfn) {
            others.add(got);
            got = allocated(frames().allocateFrom(domid, order, mfn));
        }
        others.forEach(other -> release(other, order));
        return got;
    }

    long exactly(int domid, long mfn) {
        return exactly(domid, Page.ORDER_4K, mfn);
    }

    /** A block of a domain's. */
    long block(int domid, int order) {
        return allocated(frames().allocate(domid, order));
    }

    private static long allocated(long mfn) {
        Expect.different("a frame", FrameTable.NONE, mfn);
        return mfn;
    }

    /** Whoever holds one reference on frames besides that of their allocation, or none, gives them up. */
    void release(long mfn, int order) {
        for (long frame = mfn; frame < mfn + (1L << order); frame++) {
            Expect.holds("the reference of the allocation was there", frames().releaseAllocation(frame));
        }
    }

    /** What is a mistake of the caller's is refused, and in this way. */
    static void refused(String what, Class<? extends RuntimeException> as, Runnable mistake) {
        try {
            mistake.run();
        } catch (RuntimeException e) {
            if (as.isInstance(e)) {
                return;
            }
            throw e;
        }
        throw new ClauseFailure(what, as.getSimpleName(), "accepted");
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ram.close();
        }
    }
}
