package grantlab.virtio.transport;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.TransportCounts;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one driver that a device has mapped, by index. A page that is read and written has up to two windows: one is only
 * mapped for writing when somebody writes. Windows are made as long as there are more than ever before; nothing else is allocated.
 */
final class Windows {
    private static final int BUCKETS = 256;

    private final GuestKernel kernel;
    private final GrantedTable table;
    private final TransportCounts counts;
    private final @Nullable Window[] buckets = new Window[BUCKETS];
    private @Nullable Window free;
    private int status;

    Windows(GuestKernel kernel, GrantedTable table, TransportCounts counts) {
        this.kernel = kernel;
        this.table = table;
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
        long slot = kernel.allocateSlot(Page.ORDER_4K);
        if (slot < 0 && closeOneIdle()) {
            slot = kernel.allocateSlot(Page.ORDER_4K);
        }
        if (slot < 0) {
            status = Status.NO_SPACE;
            return null;
        }
        Window window = free;
        if (window == null) {
            window = new Window();
        } else {
            free = window.next;
        }
        int access = writes ? Access.READ | Access.WRITE : Access.READ;
        counts.hypercalls++;
        counts.exits++;
        status = kernel.map(
                table.granter(), table.base() + index, table.epoch(), slot, Page.ORDER_4K, access, window.mapping);
        if (status != Status.OKAY) {
            kernel.freeSlot(slot, Page.ORDER_4K);
            window.next = free;
            free = window;
            return null;
        }
        window.index = index;
        window.writable = writes;
        window.kept = 0;
        window.inRequest = false;
        window.next = buckets[bucket(index)];
        buckets[bucket(index)] = window;
        counts.mappingsLive++;
        return window;
    }

    /** Unmaps a page. */
    void close(Window window) {
        unlink(window);
        counts.hypercalls++;
        counts.exits++;
        counts.cpuFlushes++;
        counts.mappingsLive--;
        if (kernel.unmap(window.mapping) == Status.OKAY) {
            kernel.freeSlot(window.mapping.address, Page.ORDER_4K);
        }
        window.next = free;
        free = window;
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
                close(window);
                window = buckets[bucket];
            }
        }
    }
}
