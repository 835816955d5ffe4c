package grantlab.hypervisor.quota;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Objects of eight words in the pages of a pool, known by numbers. Taking and giving back allocate nothing once the pages
 * exist, and take no lock: each vCPU has some free ones at hand ({@link Stock}), which no other finds; the rest hang together by
 * their word 0, under a head that counts, so that an object that came back meanwhile is noticed. Pages stay until the domain dies.
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
    private final Stock[] stocks;
    private final AtomicLong head = new AtomicLong(NUMBER);

    /** Plain: whoever has a number, or has asked for the capacity, has it from somebody who saw the page of that object. */
    private long[][] pages = {};

    private volatile int pageCount;
    private int[] taken = {};

    /**
     * No object yet.
     *
     * @param pool where its pages come from
     * @param vcpus of the domain
     */
    public Slab(PagePool pool, int vcpus) {
        this.pool = pool;
        this.stocks = new Stock[vcpus];
        Arrays.setAll(stocks, vcpu -> new Stock(this, Stock.MOST, Stock.MOVED));
    }

    /**
     * What a vCPU has at hand.
     *
     * @param vcpu of the domain
     * @return always the same
     */
    public Stock stock(int vcpu) {
        return stocks[vcpu];
    }

    /**
     * For whoever is no vCPU of the domain.
     *
     * @return has nothing at hand: what is given back is free for everybody
     */
    public Stock noStock() {
        return new Stock(this, 0, 1);
    }

    /** Takes an object for a stock that has none. @return its number, or NONE when the pool is used up */
    int refill(Stock stock) {
        while (!moved(stock)) {
            if (!grow()) {
                return NONE;
            }
        }
        return stock.pop();
    }

    /**
     * Some of what is free for everybody comes to be at hand. Word 0 of an object that somebody has taken meanwhile may be anything:
     * then the head is another too.
     *
     * @return false: nothing is free
     */
    private boolean moved(Stock stock) {
        while (true) {
            long seen = head.get();
            int number = (int) seen;
            if (number == NONE) {
                return false;
            }
            for (int count = 0; count < stock.moved() && exists(number); count++) {
                stock.push(number);
                number = (int) (long) WORDS.getOpaque(page(number), at(number));
            }
            if (head.compareAndSet(seen, turned(seen, number))) {
                return true;
            }
            stock.clear();
        }
    }

    private boolean exists(int number) {
        return number >= 0 && number < capacity();
    }

    void drain(Stock stock, int count) {
        int last = stock.pop();
        int first = last;
        for (int i = 1; i < count; i++) {
            int number = stock.pop();
            WORDS.setOpaque(page(number), at(number), first & NUMBER);
            first = number;
        }
        giveChain(first, last);
    }

    /** Objects that hang together become free for everybody. */
    private void giveChain(int first, int last) {
        long[] page = page(last);
        int at = at(last);
        while (true) {
            long seen = head.get();
            WORDS.setOpaque(page, at, seen & NUMBER);
            if (head.compareAndSet(seen, turned(seen, first))) {
                return;
            }
        }
    }

    private static long turned(long seen, int number) {
        return ((seen & ~NUMBER) + ONE_TURN) | (number & NUMBER);
    }

    /** Objects of one more page become free for everybody, unless somebody else saw to that. @return false: the pool is used up */
    synchronized boolean grow() {
        if ((int) head.get() != NONE) {
            return true;
        }
        int number = pool.take();
        if (number == PagePool.NONE) {
            return false;
        }
        int first = pageCount << PAGE_SHIFT;
        int last = first + PER_PAGE - 1;
        long[] page = pool.page(number);
        for (int object = first; object < last; object++) {
            page[at(object)] = object + 1L;
        }
        long[][] grown = pageCount < pages.length ? pages.clone() : Arrays.copyOf(pages, Math.max(4, 2 * pages.length));
        grown[pageCount] = page;
        taken = Arrays.copyOf(taken, grown.length);
        taken[pageCount] = number;
        pages = grown;
        pageCount = (first >>> PAGE_SHIFT) + 1;
        giveChain(first, last);
        return true;
    }

    /** Gives all pages back: the domain died, and nobody looks at an object any more. */
    public synchronized void dispose() {
        for (int page = 0; page < pageCount; page++) {
            pool.give(taken[page]);
        }
        pageCount = 0;
        pages = new long[0][];
        head.set(NUMBER);
        for (Stock stock : stocks) {
            stock.clear();
        }
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
        for (Stock stock : stocks) {
            free += stock.size();
        }
        for (int number = (int) head.get(); number != NONE && free < capacity(); number = (int) get(number, 0)) {
            free++;
        }
        return capacity() - free;
    }

    /**
     * The page of an object, for whoever wants several of its words.
     *
     * @param number of an object
     * @return always the same; the words of the object begin at {@link #at}
     */
    public long[] page(int number) {
        return pages[number >>> PAGE_SHIFT];
    }

    /**
     * Where an object begins in its page.
     *
     * @param number of an object
     * @return an index
     */
    public static int at(int number) {
        return (number & PER_PAGE - 1) << OBJECT_SHIFT;
    }

    /**
     * A word.
     *
     * @param number of an object
     * @param word 0..7
     */
    public long get(int number, int word) {
        return page(number)[at(number) | word];
    }

    /**
     * Changes a word.
     *
     * @param number of an object
     * @param word 0..7
     * @param value what it shall be
     */
    public void set(int number, int word, long value) {
        page(number)[at(number) | word] = value;
    }

    /**
     * A word that others may change at this moment.
     *
     * @param number of an object
     * @param word 0..7
     */
    public long getAcquire(int number, int word) {
        return getAcquire(page(number), at(number) | word);
    }

    /** The same, in a {@link #page}. */
    public static long getAcquire(long[] page, int at) {
        return (long) WORDS.getAcquire(page, at);
    }

    /**
     * Changes a word that others may look at.
     *
     * @param number of an object
     * @param word 0..7
     * @param value what it shall be
     */
    public void setRelease(int number, int word, long value) {
        setRelease(page(number), at(number) | word, value);
    }

    /** The same, in a {@link #page}. */
    public static void setRelease(long[] page, int at, long value) {
        WORDS.setRelease(page, at, value);
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
        return compareAndSet(page(number), at(number) | word, seen, value);
    }

    /** The same, in a {@link #page}. */
    public static boolean compareAndSet(long[] page, int at, long seen, long value) {
        return WORDS.compareAndSet(page, at, seen, value);
    }
}
