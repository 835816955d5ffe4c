package grantlab.hypervisor.quota;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Objects of eight words in the pages of a pool, known by numbers. Taking and giving back allocate nothing once the pages
 * exist, and take no lock: each vCPU has some free ones at hand ({@link Stock}), which no other finds; the rest is free for
 * everybody ({@link FreeChain}). Pages stay until the domain dies.
 *
 * <p>A page is eight octets at first. What comes and goes one by one is taken from octets that are broken up for it, and stays single;
 * eight that come back together, beside one another, are an octet again.
 */
public final class Slab {
    /** No object is left. */
    public static final int NONE = -1;

    /** Bytes of an object. */
    public static final int BYTES = 64;

    /** Words from one object to the next. */
    public static final int APART = BYTES / Long.BYTES;

    /** Objects of a page. */
    public static final int PER_PAGE = 64;

    /** Objects beside one another, the first a multiple of so many, that come and go together. */
    public static final int OCTET = 8;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int OBJECT_SHIFT = 3;
    private static final int PAGE_SHIFT = 6;
    private static final long LOW = 0xffff_ffffL;

    private final PagePool pool;
    private final Stock[] stocks;
    private final FreeChain singles = new FreeChain(this);
    private final FreeChain octets = new FreeChain(this);

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
        Arrays.setAll(stocks, vcpu -> new Stock(this, Stock.MOST, Stock.MOVED, Stock.MOST_OCTETS));
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
        return new Stock(this, 0, 1, 0);
    }

    /** Takes an object for a stock that has none. @return its number, or NONE when the pool is used up */
    int refill(Stock stock) {
        while (true) {
            if (stock.fill(singles)) {
                return stock.pop();
            }
            if (stock.octets() > 0 || stock.fillOctets(octets, 1)) {
                return brokenUp(stock);
            }
            if (!grow()) {
                return NONE;
            }
        }
    }

    /** An octet at hand becomes single objects. */
    private int brokenUp(Stock stock) {
        int first = stock.popOctet();
        for (int number = first + OCTET - 1; number >= first; number--) {
            stock.push(number);
        }
        int taken = stock.pop();
        stock.passOn();
        return taken;
    }

    /**
     * Takes an octet for a stock that has none. No page is taken for one while there are objects enough that lie apart.
     *
     * @return its first object, or NONE
     */
    int refillOctets(Stock stock) {
        while (true) {
            if (stock.fillOctets(octets, stock.movedOctets())) {
                return stock.popOctet();
            }
            if (stock.size() >= OCTET || !singles.isEmpty() || !grow()) {
                return NONE;
            }
        }
    }

    boolean isObject(int number) {
        return number >= 0 && number < capacity();
    }

    /** What hangs behind an object; of one that is not free it may be anything. */
    int next(int number) {
        return (int) (long) WORDS.getOpaque(page(number), at(number));
    }

    void setNext(int number, int next) {
        WORDS.setOpaque(page(number), at(number), next & LOW);
    }

    /** So many single objects of a stock become free for everybody. */
    void drain(Stock stock, int count) {
        int last = stock.pop();
        int first = last;
        for (int i = 1; i < count; i++) {
            int number = stock.pop();
            setNext(number, first);
            first = number;
        }
        singles.give(first, last);
    }

    /** So many octets of a stock become free for everybody. */
    void drainOctets(Stock stock, int count) {
        int last = stock.popOctet();
        int first = last;
        for (int i = 1; i < count; i++) {
            int octet = stock.popOctet();
            setNext(octet, first);
            first = octet;
        }
        octets.give(first, last);
    }

    /** Octets of one more page become free for everybody, unless somebody else saw to that. @return false: the pool is used up */
    synchronized boolean grow() {
        if (!singles.isEmpty() || !octets.isEmpty()) {
            return true;
        }
        int number = pool.take();
        if (number == PagePool.NONE) {
            return false;
        }
        int first = pageCount << PAGE_SHIFT;
        int last = first + PER_PAGE - OCTET;
        long[] page = pool.page(number);
        for (int octet = first; octet < last; octet += OCTET) {
            page[at(octet)] = (long) octet + OCTET;
        }
        long[][] grown = pageCount < pages.length ? pages.clone() : Arrays.copyOf(pages, Math.max(4, 2 * pages.length));
        grown[pageCount] = page;
        taken = Arrays.copyOf(taken, grown.length);
        taken[pageCount] = number;
        pages = grown;
        pageCount = (first >>> PAGE_SHIFT) + 1;
        octets.give(first, last);
        return true;
    }

    /** Gives all pages back: the domain died, and nobody looks at an object any more. */
    public synchronized void dispose() {
        for (int page = 0; page < pageCount; page++) {
            pool.give(taken[page]);
        }
        pageCount = 0;
        pages = new long[0][];
        singles.clear();
        octets.clear();
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
        int free = singles.count(capacity()) + OCTET * octets.count(capacity());
        for (Stock stock : stocks) {
            free += stock.size() + OCTET * stock.octets();
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
     * Whether two objects have one page, so that whoever goes through several need not find it each time.
     *
     * @param number of an object
     * @param other of an object
     */
    public static boolean share(int number, int other) {
        return (number ^ other) >>> PAGE_SHIFT == 0;
    }

    /**
     * The objects of an octet. Without a loop, entering which costs more than this does.
     *
     * @param first of it
     * @param into has the eight of them afterwards
     * @param from where in it they begin
     */
    public static void number(int first, int[] into, int from) {
        into[from + 7] = first + 7;
        into[from + 6] = first + 6;
        into[from + 5] = first + 5;
        into[from + 4] = first + 4;
        into[from + 3] = first + 3;
        into[from + 2] = first + 2;
        into[from + 1] = first + 1;
        into[from] = first;
    }

    /**
     * Whether eight objects are an octet.
     *
     * @param numbers of objects, at least eight from the first on
     * @param from where the first is
     */
    public static boolean isOctet(int[] numbers, int from) {
        int first = numbers[from];
        boolean octet = (first & OCTET - 1) == 0;
        for (int n = 1; octet && n < OCTET; n++) {
            octet = numbers[from + n] == first + n;
        }
        return octet;
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
