package grantlab.p2m.frame;

import grantlab.api.memory.Page;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The references on blocks of one region: 512 of order 9 and the one of order 18 around them, a word each. A block is
 * <em>whole</em> from its allocation as a block until the first of its frames is given up; references are to be had on
 * whole blocks, and on blocks that have some already, because those keep every frame.
 *
 * <p>References come and go by compare-exchange. That a block is allocated, broken up, or held still while a frame of it
 * is being stolen, is decided under the lock of the frame table's books.
 */
final class BlockCounters {
    /** What {@link #get} answers. */
    enum Answer {
        TAKEN,
        REFUSED,
        /** A frame of it is being stolen: ask again when the books are free. */
        UNDECIDED
    }

    /** Every frame is allocated, to one owner. References and owner are where {@link FrameWord} has them. */
    private static final long WHOLE = FrameWord.ALLOCATED;

    private static final long HELD = FrameWord.STOLEN;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int REGION_BLOCK = 512;

    private final long[] words = new long[REGION_BLOCK + 1];

    /** Which counter a block has. */
    static int index(long mfn, int order) {
        requireOrder(order);
        return order == Page.ORDER_1G ? REGION_BLOCK : (int) (mfn >>> Page.ORDER_2M) & (REGION_BLOCK - 1);
    }

    static void requireOrder(int order) {
        if (order != Page.ORDER_4K && order != Page.ORDER_2M && order != Page.ORDER_1G) {
            throw new IllegalArgumentException("order " + order + " is none of 0, 9, 18");
        }
    }

    private long word(int index) {
        return (long) WORDS.getVolatile(words, index);
    }

    private boolean change(int index, long from, long to) {
        return WORDS.compareAndSet(words, index, from, to);
    }

    Answer get(int index, int owner, long limit) {
        while (true) {
            long word = word(index);
            if (FrameWord.has(word, HELD)) {
                return Answer.UNDECIDED;
            }
            long references = FrameWord.references(word);
            boolean there = references > 0 || FrameWord.has(word, WHOLE);
            if (!there || !FrameWord.isOwnedBy(word, owner) || references >= limit) {
                return Answer.REFUSED;
            }
            if (change(index, word, word + 1)) {
                return Answer.TAKEN;
            }
        }
    }

    /**
     * Drops a reference.
     *
     * @return whether frames may have waited for that: it was the last one, on a block that is no more whole
     */
    boolean put(long mfn, int index) {
        while (true) {
            long word = word(index);
            if (FrameWord.references(word) == 0) {
                throw new IllegalStateException(
                        "a reference that nobody took is dropped: block at " + FrameWord.describe(mfn, word));
            }
            if (change(index, word, word - 1)) {
                return FrameWord.references(word) == 1 && !FrameWord.has(word, WHOLE);
            }
        }
    }

    long references(int index) {
        return FrameWord.references(word(index));
    }

    /** All frames of the block were just allocated to a domain. */
    void allocated(int index, int owner) {
        WORDS.setVolatile(words, index, FrameWord.ownedBy(owner) | WHOLE);
    }

    /**
     * A frame of the block is given up.
     *
     * @return the references that keep it all the same
     */
    long breakUp(int index) {
        long word;
        do {
            word = word(index);
        } while (!change(index, word, word & ~WHOLE));
        return FrameWord.references(word);
    }

    /**
     * Lets nobody take a reference until {@link #letGo}.
     *
     * @return false, and nothing changed, when there are references
     */
    boolean hold(int index) {
        while (true) {
            long word = word(index);
            if (FrameWord.references(word) != 0) {
                return false;
            }
            if (change(index, word, word | HELD)) {
                return true;
            }
        }
    }

    void letGo(int index, boolean broken) {
        long word = word(index) & ~HELD;
        WORDS.setVolatile(words, index, broken ? word & ~WHOLE : word);
    }
}
