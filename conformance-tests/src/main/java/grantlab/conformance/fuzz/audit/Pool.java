package grantlab.conformance.fuzz.audit;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/** The frames that are looked at after each operation. */
final class Pool {
    private static final long LOW = 1L << 20;

    private long[] frames = new long[256];
    private int size;
    private final BitSet low = new BitSet();
    private final Set<Long> high = new HashSet<>();

    /** Takes a frame in, if it is new. */
    void add(long mfn) {
        boolean added = mfn < LOW ? !low.get((int) mfn) : high.add(mfn);
        if (added) {
            if (mfn < LOW) {
                low.set((int) mfn);
            }
            if (size == frames.length) {
                frames = Arrays.copyOf(frames, 2 * size);
            }
            frames[size++] = mfn;
        }
    }

    int size() {
        return size;
    }

    long frame(int n) {
        return frames[n];
    }
}
