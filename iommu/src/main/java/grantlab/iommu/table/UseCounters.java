package grantlab.iommu.table;

import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Uses} of all blocks of one order. Sparse: memory is spent where something is used, and stays. Lock free.
 */
final class UseCounters {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle SPANS = MethodHandles.arrayElementVarHandle(long[][][].class);

    private static final int CHUNK_SHIFT = 13;
    private static final int CHUNK_WORDS = 1 << CHUNK_SHIFT;
    private static final int CHUNKS_IN_SPAN = 1 << 13;
    private static final int SPAN_SHIFT = CHUNK_SHIFT + 13;

    private final int order;
    private final long blocks;
    private final long[][][] spans;

    UseCounters(int order) {
        this.order = order;
        this.blocks = Page.FRAME_LIMIT >>> order;
        this.spans = new long[(int) ((blocks - 1) >>> SPAN_SHIFT) + 1][][];
    }

    private static int inSpan(long block) {
        return (int) (block >>> CHUNK_SHIFT) & CHUNKS_IN_SPAN - 1;
    }

    private static int inChunk(long block) {
        return (int) block & CHUNK_WORDS - 1;
    }

    private long @Nullable [] chunk(long block) {
        Object span = SPANS.getAcquire(spans, (int) (block >>> SPAN_SHIFT));
        return span == null ? null : (long[]) CHUNKS.getAcquire((long[][]) span, inSpan(block));
    }

    /** @param frame below the frame limit */
    long word(long frame) {
        long block = frame >>> order;
        long @Nullable [] chunk = chunk(block);
        return chunk == null ? Uses.NONE : (long) WORDS.getAcquire(chunk, inChunk(block));
    }

    boolean exchange(long frame, long expected, long word) {
        long block = frame >>> order;
        return WORDS.compareAndSet(chunkMade(block), inChunk(block), expected, word);
    }

    private long[] chunkMade(long block) {
        long @Nullable [] chunk = chunk(block);
        return chunk != null ? chunk : makeChunk(block);
    }

    private synchronized long[] makeChunk(long block) {
        int at = (int) (block >>> SPAN_SHIFT);
        long[] @Nullable [] span = (long[][]) SPANS.getAcquire(spans, at);
        if (span == null) {
            span = new long[CHUNKS_IN_SPAN][];
            SPANS.setRelease(spans, at, span);
        }
        long @Nullable [] chunk = (long[]) CHUNKS.getAcquire(span, inSpan(block));
        if (chunk == null) {
            chunk = new long[CHUNK_WORDS];
            CHUNKS.setRelease(span, inSpan(block), chunk);
        }
        return chunk;
    }

    /**
     * The next frame that is in a block with a use.
     *
     * @return the frame, or NONE
     */
    long next(long from) {
        for (long block = from >>> order; block < blocks; ) {
            if (SPANS.getAcquire(spans, (int) (block >>> SPAN_SHIFT)) == null) {
                block = ((block >>> SPAN_SHIFT) + 1) << SPAN_SHIFT;
                continue;
            }
            long @Nullable [] chunk = chunk(block);
            if (chunk == null) {
                block = ((block >>> CHUNK_SHIFT) + 1) << CHUNK_SHIFT;
            } else if ((long) WORDS.getAcquire(chunk, inChunk(block)) != Uses.NONE) {
                return Math.max(from, block << order);
            } else {
                block++;
            }
        }
        return DeviceSpace.NONE;
    }

    synchronized void clear() {
        for (int at = 0; at < spans.length; at++) {
            SPANS.setVolatile(spans, at, (long[][]) null);
        }
    }
}
