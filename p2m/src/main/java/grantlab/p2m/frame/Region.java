package grantlab.p2m.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The books of 2^18 frames, as many as a block of order 18 has. The words of 512 frames, a chunk, come into being when the
 * first of them gets an owner.
 */
final class Region {
    static final int SHIFT = 18;
    static final int CHUNK_SHIFT = 9;
    static final int CHUNKS = 1 << (SHIFT - CHUNK_SHIFT);
    static final int CHUNK_FRAMES = 1 << CHUNK_SHIFT;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle CHUNK_ARRAYS = MethodHandles.arrayElementVarHandle(long[][].class);

    /** References on blocks. */
    final BlockCounters blocks = new BlockCounters();

    /** Which frames are free; guarded by the books. */
    final FreeFrames free;

    private final long[][] chunks = new long[CHUNKS][];

    Region(FreeFrames free) {
        this.free = free;
    }

    /** The words of the frames around one: state and type in turn; null when none of them ever had an owner. */
    long @Nullable [] chunk(long mfn) {
        return (long[]) CHUNK_ARRAYS.getAcquire(chunks, chunkIndex(mfn));
    }

    long[] chunkMade(long mfn) {
        long @Nullable [] chunk = chunk(mfn);
        if (chunk == null) {
            chunk = new long[2 * CHUNK_FRAMES];
            CHUNK_ARRAYS.setRelease(chunks, chunkIndex(mfn), chunk);
        }
        return chunk;
    }

    static int chunkIndex(long mfn) {
        return (int) (mfn >>> CHUNK_SHIFT) & (CHUNKS - 1);
    }

    // The words of one frame in its chunk

    static long state(long[] chunk, long mfn) {
        return (long) WORDS.getVolatile(chunk, stateIndex(mfn));
    }

    static boolean changeState(long[] chunk, long mfn, long from, long to) {
        return WORDS.compareAndSet(chunk, stateIndex(mfn), from, to);
    }

    static void setState(long[] chunk, long mfn, long to) {
        WORDS.setVolatile(chunk, stateIndex(mfn), to);
    }

    static long type(long[] chunk, long mfn) {
        return (long) WORDS.getVolatile(chunk, stateIndex(mfn) + 1);
    }

    static boolean changeType(long[] chunk, long mfn, long from, long to) {
        return WORDS.compareAndSet(chunk, stateIndex(mfn) + 1, from, to);
    }

    private static int stateIndex(long mfn) {
        return 2 * ((int) mfn & (CHUNK_FRAMES - 1));
    }
}
