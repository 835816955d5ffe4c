package grantlab.iommu.device;

import grantlab.iommu.tlb.Pause;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How far a device is with its access, in one word that the device writes and others watch: {@code number << 2 | state}. Idle,
 * then begun, which may last, then moving the bytes of a page, which does not, then idle with the next number. Cut off from idle
 * or begun, it stays so.
 */
final class Progress {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int STATE_BITS = 2;
    private static final long STATE = (1 << STATE_BITS) - 1;
    private static final long IDLE = 0;
    private static final long BEGUN = 1;
    private static final long MOVING = 2;
    private static final long CUT_OFF = 3;
    private static final long NEXT = 1L << STATE_BITS;

    /** The word stands apart from what other devices write. */
    private static final int WORD = 16;

    private final long[] words = new long[2 * WORD];

    private static long state(long word) {
        return word & STATE;
    }

    long word() {
        return (long) LONGS.getVolatile(words, WORD);
    }

    // The device

    boolean idle() {
        return state(word()) == IDLE;
    }

    boolean begun() {
        return state(word()) == BEGUN;
    }

    /** False: cut off. */
    boolean begin() {
        if (!become(IDLE, BEGUN)) {
            return false;
        }
        // Whoever changes an entry and then finds this device idle is seen by the look into cache and table that
        // follows.
        VarHandle.fullFence();
        return true;
    }

    /** False: cut off. */
    boolean move() {
        return become(BEGUN, MOVING);
    }

    private boolean become(long from, long to) {
        long word = (long) LONGS.getOpaque(words, WORD);
        return state(word) == from && LONGS.compareAndSet(words, WORD, word, word - from + to);
    }

    /** The access was refused, or the device was cut off meanwhile. */
    void giveUp() {
        long word = word();
        if (state(word) == BEGUN) {
            LONGS.compareAndSet(words, WORD, word, word - BEGUN + NEXT);
        }
    }

    void end() {
        long word = (long) LONGS.getOpaque(words, WORD);
        LONGS.setRelease(words, WORD, word - MOVING + NEXT);
    }

    // Others

    boolean cutOff() {
        return state(word()) == CUT_OFF;
    }

    /** Whether the access that was under way when this was the word is over. */
    boolean hasPassed(long then) {
        long now = word();
        return state(then) == IDLE || state(now) == CUT_OFF || now >>> STATE_BITS != then >>> STATE_BITS;
    }

    /** Cuts it off, if it has begun and is as it was then; bytes that are on their way arrive. */
    boolean cutOffAt(long then) {
        return state(then) == BEGUN && LONGS.compareAndSet(words, WORD, then, then | CUT_OFF);
    }

    /** Cuts it off, whatever it does: bytes that are on their way arrive first. */
    void cutOffNow() {
        for (int round = 0; !cutOff(); round++) {
            long word = word();
            if (state(word) == MOVING) {
                Pause.once(round);
            } else {
                LONGS.compareAndSet(words, WORD, word, word | CUT_OFF);
            }
        }
    }
}
