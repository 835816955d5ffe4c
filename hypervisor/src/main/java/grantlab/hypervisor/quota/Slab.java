package grantlab.hypervisor.quota;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Objects of eight words in the pages of a pool, known by numbers. Taking and giving back allocate nothing once the pages
 * exist, and take no lock: the free ones hang together by their word 0, under a head that counts, so that an object that came
 * back meanwhile is noticed. Pages stay until the domain dies.
 */
public final class Slab {
    /** No object is left. */
    public static final int NONE = -1;

    /** Bytes of an object. */
    public static final int BYTES = 64;

    /** Objects of a page. */
    public static final int PER_PAGE = 64;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int OBJECT_SHIFT = 3;
    private static final int PAGE_SHIFT = 6;
    private static final long NUMBER = 0xffff_ffffL;
    private static final long ONE_TURN = 1L << 32;

    private final PagePool pool;
    private final AtomicLong head = new AtomicLong(NUMBER);
    private volatile long[][] pages = {};
    private volatile int pageCount;
    private int[] taken = {};

    /**
     * No object yet.
     *
     * @param pool where its pages come from
     */
    public Slab(PagePool pool) {
        this.pool = pool;
    }

    /**
     * Takes an object.
     *
     * @return its number, its words in disorder; or {@link #NONE} when the pool is used up
     */
    public int take() {
        while (true) {
            long seen = head.get();
            int number = (int) seen;
            if (number == NONE) {
                return grow();
            }
            long next = (long) WORDS.getOpaque(page(number), at(number, 0));
            if (head.compareAndSet(seen, turned(seen, (int) next))) {
                return number;
            }
        }
    }

    /**
     * Gives an object back.
     *
     * @param number that nobody looks at any more, or only to find it gone
     */
    public void give(int number) {
        long[] page = page(number);
        int at = at(number, 0);
        while (true) {
            long seen = head.get();
            WORDS.setOpaque(page, at, seen & NUMBER);
            if (head.compareAndSet(seen, turned(seen, number))) {
                return;
            }
        }
    }

    private static long turned(long seen, int number) {
        return ((seen & ~NUMBER) + ONE_TURN) | (number & NUMBER);
    }

    /** The first of a new page is the caller's, the others wait. */
    private synchronized int grow() {
        int page = pool.take();
        if (page == PagePool.NONE) {
            return NONE;
        }
        int first = pageCount << PAGE_SHIFT;
        long[][] grown = pageCount < pages.length ? pages.clone() : Arrays.copyOf(pages, Math.max(4, 2 * pages.length));
        grown[pageCount] = pool.page(page);
        taken = Arrays.copyOf(taken, grown.length);
        taken[pageCount] = page;
        pages = grown;
        pageCount = (first >>> PAGE_SHIFT) + 1;
        for (int number = first + PER_PAGE - 1; number > first; number--) {
            give(number);
        }
        return first;
    }

    /** Gives all pages back: the domain died, and nobody looks at an object any more. */
    public synchronized void dispose() {
        for (int page = 0; page < pageCount; page++) {
            pool.give(taken[page]);
        }
        pageCount = 0;
        pages = new long[0][];
        head.set(NUMBER);
    }

    /**
     * Numbers below this have an object.
     *
     * @return a count
     */
    public int capacity() {
        return pageCount << PAGE_SHIFT;
    }

    /**
     * Pages that it has of its pool.
     *
     * @return a count
     */
    public int pages() {
        return pageCount;
    }

    /**
     * Objects that are taken and not given back; at rest.
     *
     * @return a count
     */
    public int inUse() {
        int free = 0;
        for (int number = (int) head.get(); number != NONE && free < capacity(); number = (int) get(number, 0)) {
            free++;
        }
        return capacity() - free;
    }

    private long[] page(int number) {
        return pages[number >>> PAGE_SHIFT];
    }

    private static int at(int number, int word) {
        return (number & PER_PAGE - 1) << OBJECT_SHIFT | word;
    }

    /**
     * A word.
     *
     * @param number of an object
     * @param word 0..7
     */
    public long get(int number, int word) {
        return page(number)[at(number, word)];
    }

    /**
     * Changes a word.
     *
     * @param number of an object
     * @param word 0..7
     * @param value what it shall be
     */
    public void set(int number, int word, long value) {
        page(number)[at(number, word)] = value;
    }

    /**
     * A word that others may change at this moment.
     *
     * @param number of an object
     * @param word 0..7
     */
    public long getAcquire(int number, int word) {
        return (long) WORDS.getAcquire(page(number), at(number, word));
    }

    /**
     * Changes a word that others may look at.
     *
     * @param number of an object
     * @param word 0..7
     * @param value what it shall be
     */
    public void setRelease(int number, int word, long value) {
        WORDS.setRelease(page(number), at(number, word), value);
    }

    /**
     * Changes a word if it is what was seen.
     *
     * @param number of an object
     * @param word 0..7
     * @param seen what it must be
     * @param value what it shall be
     * @return whether it was
     */
    public boolean compareAndSet(int number, int word, long seen, long value) {
        return WORDS.compareAndSet(page(number), at(number, word), seen, value);
    }
}
