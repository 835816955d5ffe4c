package grantlab.p2m.frame;

import grantlab.api.memory.Page;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The regions that were ever used, by number: two levels of 11 bits, so that sparse RAM costs nothing. */
final class Regions {
    private static final VarHandle SPANS = MethodHandles.arrayElementVarHandle(Region[][].class);
    private static final VarHandle REGIONS = MethodHandles.arrayElementVarHandle(Region[].class);

    private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(long[][].class);

    private static final int BITS = 11;
    private static final int SPAN_SHIFT = Region.SHIFT + BITS;
    private static final int MASK = (1 << BITS) - 1;

    /** Frames of the first 16 GiB are below this. */
    private static final long LOW_FRAMES = 1L << 22;

    private final Region[][] spans = new Region[1 << BITS][];

    /** The chunks of the first 16 GiB once more, in one step: nearly every frame is there. */
    private final long[][] lowChunks = new long[(int) (LOW_FRAMES >>> Region.CHUNK_SHIFT)][];

    /** The region of a frame; null when nothing in it ever had an owner. */
    @Nullable
    Region of(long mfn) {
        if (Long.compareUnsigned(mfn, Page.FRAME_LIMIT) >= 0) {
            return null;
        }
        Object span = SPANS.getAcquire(spans, (int) (mfn >>> SPAN_SHIFT));
        return span == null ? null : (Region) REGIONS.getAcquire((Region[]) span, inSpan(mfn));
    }

    /** The region of a frame that somebody holds. */
    Region held(long mfn) {
        Region region = of(mfn);
        if (region == null) {
            throw neverOwned(mfn);
        }
        return region;
    }

    /** The words around a frame; null when none of its neighbours ever had an owner. */
    long @Nullable [] chunk(long mfn) {
        if (isLow(mfn)) {
            return (long[]) CHUNKS.getAcquire(lowChunks, inLowChunks(mfn));
        }
        Region region = of(mfn);
        return region == null ? null : region.chunk(mfn);
    }

    /** The words around a frame that is going to have an owner. The caller holds the books. */
    long[] chunkMade(long mfn) {
        long[] chunk = held(mfn).chunkMade(mfn);
        if (isLow(mfn)) {
            CHUNKS.setRelease(lowChunks, inLowChunks(mfn), chunk);
        }
        return chunk;
    }

    /** The words around a frame that somebody holds. */
    long[] heldChunk(long mfn) {
        long @Nullable [] chunk = chunk(mfn);
        if (chunk == null) {
            throw neverOwned(mfn);
        }
        return chunk;
    }

    private static IllegalStateException neverOwned(long mfn) {
        return new IllegalStateException("mfn 0x" + Long.toHexString(mfn) + " never had an owner");
    }

    /** The state of any frame. */
    long state(long mfn) {
        long @Nullable [] chunk = chunk(mfn);
        return chunk == null ? 0 : Region.state(chunk, mfn);
    }

    /** The caller holds the books. */
    void put(long mfn, Region region) {
        int at = (int) (mfn >>> SPAN_SHIFT);
        Region[] span = (Region[]) SPANS.getAcquire(spans, at);
        if (span == null) {
            span = new Region[1 << BITS];
            SPANS.setRelease(spans, at, span);
        }
        REGIONS.setRelease(span, inSpan(mfn), region);
    }

    /** The first frame of the next region that exists, at or after a frame's own; or FRAME_LIMIT. */
    long next(long mfn) {
        long at = mfn;
        while (at < Page.FRAME_LIMIT) {
            if (SPANS.getAcquire(spans, (int) (at >>> SPAN_SHIFT)) == null) {
                at = after(at, SPAN_SHIFT);
            } else if (of(at) == null) {
                at = after(at, Region.SHIFT);
            } else {
                return at;
            }
        }
        return Page.FRAME_LIMIT;
    }

    /** The first frame behind the aligned 2^shift frames around one. */
    static long after(long mfn, int shift) {
        return ((mfn >>> shift) + 1) << shift;
    }

    private static boolean isLow(long mfn) {
        return Long.compareUnsigned(mfn, LOW_FRAMES) < 0;
    }

    private static int inLowChunks(long mfn) {
        return (int) (mfn >>> Region.CHUNK_SHIFT);
    }

    private static int inSpan(long mfn) {
        return (int) (mfn >>> Region.SHIFT) & MASK;
    }
}
