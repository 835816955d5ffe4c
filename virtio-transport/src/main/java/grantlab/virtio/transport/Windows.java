package grantlab.virtio.transport;

import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.api.transport.TransportCounts;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one driver that a device has mapped, by index. A page that is read and written has up to two windows: one is only
 * mapped for writing when somebody writes. Windows are made as long as there are more than ever before; nothing else is allocated.
 */
final class Windows {
    private static final int BUCKETS = 256;

    /** Pages in one go. */
    private static final int MOST = 32;

    private final GuestKernel kernel;
    private final DriverPages pages;
    private final TransportCounts counts;
    private final @Nullable Window[] buckets = new Window[BUCKETS];
    private @Nullable Window free;
    private int status;

    private final @Nullable Window[] added = new Window[MOST];
    private final MappedGrant[] mappings = new MappedGrant[MOST];
    private int count;

    private final @Nullable Window[] closing = new Window[MOST];
    private final MappedGrant[] closingMappings = new MappedGrant[MOST];
    private int closingCount;

    Windows(GuestKernel kernel, DriverPages pages, TransportCounts counts) {
        this.kernel = kernel;
        this.pages = pages;
        this.counts = counts;
    }

    /** Why {@link #open} answered null. */
    int status() {
        return status;
    }

    private static int bucket(long index) {
        return (int) index & BUCKETS - 1;
    }

    /**
     * A window that is there: one that is writable does for reading.
     *
     * @param index of the page
     * @param writes whether it must be writable
     */
    @Nullable
    Window find(long index, boolean writes) {
        for (Window window = buckets[bucket(index)]; window != null; window = window.next) {
            if (window.index == index && (window.writable || !writes)) {
                return window;
            }
        }
        return null;
    }

    /** A window that a queue keeps. Of two for one page either: the page is reached by the other, or mapped anew. */
    @Nullable
    Window kept(long index) {
        for (Window window = buckets[bucket(index)]; window != null; window = window.next) {
            if (window.index == index && window.kept > 0) {
                return window;
            }
        }
        return null;
    }

    /**
     * Maps a page.
     *
     * @param index of it
     * @param writes whether for writing
     * @return null when it cannot be; {@link #status} says why
     */
    @Nullable
    Window open(long index, boolean writes) {
        if (!add(index, writes)) {
            return null;
        }
        openAdded();
        Window window = added[0];
        return window != null && window.open ? window : null;
    }

    // Several at once

    /** Whether no more can be added. */
    boolean full() {
        return count == MOST;
    }

    /** How many were added and not opened. */
    int added() {
        return count;
    }

    /** Whether a page was added and not opened. */
    boolean isAdded(long index, boolean writes) {
        for (int n = 0; n < count; n++) {
            Window window = added[n];
            if (window != null && window.index == index && (window.writable || !writes)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Adds a page to those that {@link #openAdded} will map.
     *
     * @return false when it cannot be; {@link #status} says why
     */
    boolean add(long index, boolean writes) {
        status = pages.admits(index, writes);
        if (status != Status.OKAY) {
            return false;
        }
        long slot = kernel.allocateSlot(Page.ORDER_4K);
        if (slot < 0 && closeOneIdle()) {
            slot = kernel.allocateSlot(Page.ORDER_4K);
        }
        if (slot < 0) {
            status = Status.NO_SPACE;
            return false;
        }
        Window window = free;
        if (window == null) {
            window = new Window();
        } else {
            free = window.next;
        }
        window.index = index;
        window.writable = writes;
        window.kept = 0;
        window.inRequest = false;
        window.open = false;
        pages.prepare(index, writes, slot, window.mapping);
        added[count] = window;
        mappings[count] = window.mapping;
        count++;
        return true;
    }

    /**
     * Maps what was added.
     *
     * @return how many were added; {@link #opened} tells them until more is added
     */
    int openAdded() {
        int done = count;
        count = 0;
        called(pages.mapAll(mappings, done));
        for (int n = 0; n < done; n++) {
            Window window = added[n];
            if (window == null) {
                continue;
            }
            status = window.mapping.status;
            if (status == Status.OKAY) {
                window.open = true;
                window.next = buckets[bucket(window.index)];
                buckets[bucket(window.index)] = window;
                counts.mappingsLive++;
            } else {
                kernel.freeSlot(window.mapping.address, Page.ORDER_4K);
                giveBack(window);
            }
        }
        return done;
    }

    /** One of those that were added: null when it could not be mapped. */
    @Nullable
    Window opened(int n) {
        Window window = added[n];
        return window != null && window.open ? window : null;
    }

    /** What was added is not needed. */
    void forgetAdded() {
        for (int n = 0; n < count; n++) {
            Window window = added[n];
            if (window != null) {
                kernel.freeSlot(window.mapping.address, Page.ORDER_4K);
                giveBack(window);
            }
        }
        count = 0;
    }

    private void giveBack(Window window) {
        window.open = false;
        window.next = free;
        free = window;
    }

    private void called(int hypercalls) {
        counts.hypercalls += hypercalls;
        counts.exits += hypercalls;
    }

    /** Unmaps a page. */
    void close(Window window) {
        closeLater(window);
        closeNow();
    }

    /** A page that is unmapped with the next {@link #closeNow}; nobody finds it any more. */
    void closeLater(Window window) {
        unlink(window);
        counts.mappingsLive--;
        closing[closingCount] = window;
        closingMappings[closingCount] = window.mapping;
        closingCount++;
        if (closingCount == MOST) {
            closeNow();
        }
    }

    /** Unmaps, all at once. */
    void closeNow() {
        if (closingCount == 0) {
            return;
        }
        int calls = pages.unmapAll(closingMappings, closingCount);
        called(calls);
        counts.cpuFlushes += calls;
        for (int n = 0; n < closingCount; n++) {
            Window window = closing[n];
            if (window != null) {
                if (window.mapping.status == Status.OKAY) {
                    kernel.freeSlot(window.mapping.address, Page.ORDER_4K);
                }
                giveBack(window);
            }
        }
        closingCount = 0;
    }

    private void unlink(Window window) {
        int bucket = bucket(window.index);
        Window before = buckets[bucket];
        if (before == window) {
            buckets[bucket] = window.next;
            return;
        }
        while (before != null && before.next != window) {
            before = before.next;
        }
        if (before == null) {
            throw new IllegalStateException("the window of index " + window.index + " is not open");
        }
        before.next = window.next;
    }

    /** Room for another one: a page of a pool that nobody works on is mapped again when it is used again. */
    private boolean closeOneIdle() {
        for (Window first : buckets) {
            for (Window window = first; window != null; window = window.next) {
                if (window.kept == 0 && !window.inRequest) {
                    close(window);
                    return true;
                }
            }
        }
        return false;
    }

    /** Unmaps all. */
    void closeAll() {
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            Window window = buckets[bucket];
            while (window != null) {
                closeLater(window);
                window = buckets[bucket];
            }
        }
        closeNow();
    }

    /** Some window of a range of pages. */
    @Nullable
    Window within(long first, long last) {
        for (Window bucket : buckets) {
            for (Window window = bucket; window != null; window = window.next) {
                if (Long.compareUnsigned(window.index, first) >= 0 && Long.compareUnsigned(window.index, last) <= 0) {
                    return window;
                }
            }
        }
        return null;
    }
}
