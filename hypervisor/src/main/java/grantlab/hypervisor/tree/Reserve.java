package grantlab.hypervisor.tree;

import grantlab.api.Status;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;

/**
 * Pages that a grantee keeps ready to stand in for what it loses (grant-v3.md, 8.1, ZERO and SNAPSHOT): its own memory, held as plain
 * pages for as long as they are here. Each mapping that may need one is promised one when it is made, so that none is missing when it is
 * taken back. Any thread; nothing is allocated but when the reserve is exchanged.
 */
public final class Reserve {
    /** Pages that it may have. */
    public static final int MOST = 512;

    /** Of {@link #end}: no page was taken. */
    public static final long NO_PAGE = -1;

    private long[] pages = {};

    /** The first {@link #freeCount} of these stand nowhere. */
    private long[] free = {};

    private int freeCount;
    private int promised;

    /** No page. */
    public Reserve() {}

    /**
     * Other pages from now on.
     *
     * @param held machine frames, each once
     * @param others what else is changed, if this can be; answers a status, and when that is not zero nothing is changed here
     * @param before is given each page that was here, and is not any more
     * @return zero; BUSY while a page is promised (FAULT-7); or what others answered
     */
    public synchronized int exchange(long[] held, IntSupplier others, LongConsumer before) {
        if (promised != 0) {
            return Status.BUSY;
        }
        int status = others.getAsInt();
        if (status == Status.OKAY) {
            visit(before);
            pages = held.clone();
            free = held.clone();
            freeCount = held.length;
        }
        return status;
    }

    /**
     * Promises a page to a mapping that is about to be made, until {@link #end}.
     *
     * @return false: all are promised
     */
    public synchronized boolean promise() {
        if (promised == pages.length) {
            return false;
        }
        promised++;
        return true;
    }

    /** A page for a mapping to which one was promised. */
    public synchronized long take() {
        return free[--freeCount];
    }

    /** A page that {@link #take} gave stands nowhere; the promise is still one. */
    public synchronized void give(long page) {
        free[freeCount++] = page;
    }

    /**
     * A mapping to which a page was promised ends, or came to nothing.
     *
     * @param page that was taken for it and stands nowhere any more, or {@link #NO_PAGE}
     */
    public synchronized void end(long page) {
        if (page != NO_PAGE) {
            give(page);
        }
        promised--;
    }

    /** Pages that are promised to mappings, be they taken or not. */
    public synchronized int promised() {
        return promised;
    }

    /** Pages that stand in for something. */
    public synchronized int taken() {
        return pages.length - freeCount;
    }

    /** Shows all pages. */
    public synchronized void visit(LongConsumer visitor) {
        for (long page : pages) {
            visitor.accept(page);
        }
    }

    /** The domain died, and without mappings: its pages are let go. */
    public synchronized void dispose(LongConsumer before) {
        visit(before);
        pages = new long[0];
        freeCount = 0;
    }
}
