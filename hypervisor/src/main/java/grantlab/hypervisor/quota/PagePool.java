package grantlab.hypervisor.quota;

import java.util.Arrays;

/**
 * The gnttab pool of one domain (grant-v3.md, section 6): pages of the hypervisor's memory that it is charged for, up to what
 * gnt_quota allows. A page that is in use is known by a number that no other has, and reading it takes no lock.
 */
public final class PagePool {
    /** No page is left. */
    public static final int NONE = -1;

    /** Words of 64 bits in a page. */
    public static final int WORDS = 512;

    /** Pages that a domain may use where the toolstack said nothing: 256 MiB. */
    public static final int USUAL_QUOTA = 1 << 16;

    private int quota = USUAL_QUOTA;
    private int used;
    private int[] free = {};
    private int freeCount;
    private int known;
    private volatile long[][] pages = {};

    /** Nothing used, the usual quota. */
    public PagePool() {}

    /**
     * Takes a page of zeros.
     *
     * @return its number, or {@link #NONE}
     */
    public synchronized int take() {
        if (used >= quota) {
            return NONE;
        }
        used++;
        if (freeCount > 0) {
            int number = free[--freeCount];
            Arrays.fill(pages[number], 0);
            return number;
        }
        int number = known++;
        long[][] grown = number < pages.length ? pages.clone() : Arrays.copyOf(pages, Math.max(4, 2 * pages.length));
        grown[number] = new long[WORDS];
        pages = grown;
        return number;
    }

    /** Whether one more page could be taken. */
    public synchronized boolean hasRoom() {
        return used < quota;
    }

    /**
     * Gives a page back.
     *
     * @param number from {@link #take}; nobody looks at the page any more
     */
    public synchronized void give(int number) {
        used--;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, Math.max(4, 2 * free.length));
        }
        free[freeCount++] = number;
    }

    /**
     * The words of a page.
     *
     * @param number from {@link #take}
     * @return always the same array while it is in use
     */
    public long[] page(int number) {
        return pages[number];
    }

    /**
     * What the domain is charged for.
     *
     * @return pages
     */
    public synchronized int used() {
        return used;
    }

    /**
     * What it may use.
     *
     * @return pages
     */
    public synchronized int quota() {
        return quota;
    }

    /**
     * The toolstack sets the quota. Less than what is used takes nothing away; nothing more is given until less is used.
     *
     * @param pages not negative
     */
    public synchronized void setQuota(int pages) {
        quota = pages;
    }
}
