package grantlab.conformance.fuzz.audit;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** References and type uses that known holders account for, by machine frame. */
final class Holdings {
    private static final int CHUNK_SHIFT = 9;
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
    private static final int TYPE_SHIFT = 32;

    /** Frames of the first 2 GiB are looked up in one step. */
    private static final int LOW_CHUNKS = 1 << 10;

    private final long[][] low = new long[LOW_CHUNKS][];
    private final Map<Long, long[]> high = new HashMap<>();

    /**
     * Somebody holds more of a frame, or less.
     *
     * @param mfn the frame
     * @param references by how much
     * @param types by how much
     */
    void add(long mfn, int references, int types) {
        long[] chunk = chunk(mfn);
        if (chunk == null) {
            chunk = new long[1 << CHUNK_SHIFT];
            long number = mfn >>> CHUNK_SHIFT;
            if (number < LOW_CHUNKS) {
                low[(int) number] = chunk;
            } else {
                high.put(number, chunk);
            }
        }
        chunk[(int) mfn & CHUNK_MASK] += ((long) types << TYPE_SHIFT) + references;
    }

    /** References and type uses in one look. */
    long of(long mfn) {
        long[] chunk = chunk(mfn);
        return chunk == null ? 0 : chunk[(int) mfn & CHUNK_MASK];
    }

    /** The references of {@link #of}. */
    static int references(long held) {
        return (int) held;
    }

    /** The type uses of {@link #of}. */
    static int types(long held) {
        return (int) ((held - (int) held) >> TYPE_SHIFT);
    }

    private long @Nullable [] chunk(long mfn) {
        long number = mfn >>> CHUNK_SHIFT;
        return number < LOW_CHUNKS ? low[(int) number] : high.get(number);
    }
}
