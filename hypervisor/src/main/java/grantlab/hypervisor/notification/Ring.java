package grantlab.hypervisor.notification;

import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.PlainPage;
import grantlab.hypervisor.event.EventChannel;
import grantlab.hypervisor.quiescence.Spin;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * One ring of events in memory of the domain that owns it (grant-v3.md, section 9). The position of the writer is kept here and
 * never read back; of what the guest writes only cons is looked at, and where it makes no sense the ring counts as full. Any
 * thread may post, outside of every other lock: a lock of the ring is held for as long as one entry is written. Posting allocates
 * nothing.
 */
public final class Ring {
    /** Entries of a data page. */
    public static final int ENTRIES_OF_PAGE = Page.SIZE / V3RingEntry.SIZE;

    /** Serves nobody: a ring for the owner's own trees, or one that no granter was chosen for. */
    public static final int NOBODY = -1;

    private static final int SLOTS_OF_WORD = Integer.SIZE;
    private static final long MOST_COUNTED = 0xffff_ffffL;
    private static final VarHandle LOCKED;

    static {
        try {
            LOCKED = MethodHandles.lookup().findVarHandle(Ring.class, "locked", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MachineMemory memory;
    private final EventChannel channel;
    private final boolean forGrantee;
    private final int serial;

    /** Machine frames: the header, then the data pages. */
    private final long[] pages;

    private final int size;
    private volatile int granter = NOBODY;

    @SuppressWarnings("unused") // through LOCKED
    private boolean locked;

    // Under the lock.
    private int position;
    private long lost;
    private int reserved;
    private boolean removed;

    /** The last request for references of the flat table of whom it serves, or 0. */
    private long referencesTold;

    /**
     * A ring without events; its pages are written.
     *
     * @param memory the machine's
     * @param pages held machine frames ({@link PlainPage}): the header, then 1, 2, 4, 8 or 16 for data
     * @param forGrantee whether it is for trees that are granted to the owner
     * @param channel that is notified
     * @param serial a number that no other ring of the machine has, not 0
     */
    public Ring(MachineMemory memory, long[] pages, boolean forGrantee, EventChannel channel, int serial) {
        this.memory = memory;
        this.pages = pages.clone();
        this.forGrantee = forGrantee;
        this.channel = channel;
        this.serial = serial;
        this.size = (pages.length - 1) * ENTRIES_OF_PAGE;
        for (long page : pages) {
            memory.fill(Page.address(page), Page.SIZE, (byte) 0);
        }
        memory.store16(header(V3RingHeader.ENTRY_SIZE), (short) V3RingEntry.SIZE);
        memory.store16(header(V3RingHeader.LOG2_ENTRIES), (short) Integer.numberOfTrailingZeros(size));
        memory.store32Release(header(V3RingHeader.MAGIC), V3RingHeader.MAGIC_VALUE);
    }

    /** Whether it is for trees that are granted to the owner, and not for the owner's own. */
    public boolean forGrantee() {
        return forGrantee;
    }

    /** Whose trees a ring of a grantee serves, or {@link #NOBODY}. */
    int granter() {
        return granter;
    }

    /** A ring of a grantee serves another granter, or {@link #NOBODY}. */
    void serve(int domid) {
        lock();
        granter = domid;
        referencesTold = 0;
        unlock();
    }

    /** How many entries it has. */
    public int size() {
        return size;
    }

    /** Machine frame of the header. */
    public long header() {
        return pages[0];
    }

    /** Machine frames of the data pages. */
    public long[] data() {
        return Arrays.copyOfRange(pages, 1, pages.length);
    }

    /** Position of the next entry; at rest. */
    public int position() {
        lock();
        int next = position;
        unlock();
        return next;
    }

    private long header(int field) {
        return Page.address(pages[0]) + field;
    }

    private long entry(int at) {
        int index = at & size - 1;
        long page = pages[1 + index / ENTRIES_OF_PAGE];
        return Page.address(page) + (long) (index % ENTRIES_OF_PAGE) * V3RingEntry.SIZE;
    }

    private void lock() {
        for (int round = 0; !LOCKED.compareAndSet(this, false, true); round++) {
            Spin.once(round);
        }
    }

    private void unlock() {
        LOCKED.setRelease(this, false);
    }

    // Posting

    /**
     * Posts an event, or counts it as lost and marks the tree as dirty where there is no room. Nobody is notified yet.
     *
     * @param type of {@link V3RingEntry}
     * @param slot of the tree, 0..4095
     * @param generation of the tree
     * @param first what section 9 says
     * @param count what section 9 says; is cut to 32 bits
     * @param order of the leaves
     * @param reason what section 9 says
     * @param cookie the tree's, or the call's
     */
    public void post(int type, int slot, int generation, long first, long count, int order, int reason, long cookie) {
        lock();
        try {
            if (!removed) {
                put(reserved, type, slot, generation, first, count, order, reason, cookie);
            }
        } finally {
            unlock();
        }
    }

    /**
     * Posts a request, of which at most one for each tree is unread: where there is one already the tree is marked as dirty.
     *
     * @param last names the request of this kind and tree that was posted before, or 0
     * @param type of {@link V3RingEntry}
     * @param slot of the tree
     * @param generation of the tree
     * @param first what section 9 says
     * @param count what section 9 says
     * @return names the request of this kind and tree that was posted last
     */
    long request(long last, int type, int slot, int generation, long first, long count) {
        lock();
        try {
            return removed ? last : putRequest(last, type, slot, generation, first, count);
        } finally {
            unlock();
        }
    }

    /**
     * Posts the request of the granter whom it serves for references of the flat table, as {@link #request}.
     *
     * @param first reference
     * @param count references
     */
    void requestReferences(long first, long count) {
        lock();
        try {
            if (!removed) {
                referencesTold = putRequest(referencesTold, V3RingEntry.REVOKE_REQUEST, 0, 0, first, count);
            }
        } finally {
            unlock();
        }
    }

    private long putRequest(long last, int type, int slot, int generation, long first, long count) {
        if (isUnread(last)) {
            markDirty(slot);
            return last;
        }
        int at = position;
        return put(reserved, type, slot, generation, first, count, 0, 0, 0)
                ? ((long) serial << 32) | (at & MOST_COUNTED)
                : last;
    }

    private boolean isUnread(long request) {
        int behind = position - (int) request;
        return (int) (request >>> 32) == serial && behind != 0 && Integer.compareUnsigned(behind, used()) <= 0;
    }

    /**
     * Keeps an entry free for a completion, which then cannot be lost.
     *
     * @return false: there is no room for one
     */
    public boolean reserve() {
        lock();
        try {
            boolean room = !removed && Integer.compareUnsigned(used(), size - reserved) < 0;
            reserved += room ? 1 : 0;
            return room;
        } finally {
            unlock();
        }
    }

    /** What {@link #reserve} kept is not needed. */
    public void unreserve() {
        lock();
        reserved--;
        unlock();
    }

    /** Posts a completion in an entry that was reserved for it, as {@link #post}. Only a guest that took its cons back loses it. */
    public void complete(
            int type, int slot, int generation, long first, long count, int order, int reason, long cookie) {
        lock();
        try {
            reserved--;
            if (!removed) {
                put(reserved, type, slot, generation, first, count, order, reason, cookie);
            }
        } finally {
            unlock();
        }
    }

    /** Entries that the guest has not read, unsigned; above the size when its cons makes no sense. */
    private int used() {
        return position - memory.load32Acquire(header(V3RingHeader.CONS));
    }

    private boolean put(
            int kept, int type, int slot, int generation, long first, long count, int order, int reason, long cookie) {
        if (Integer.compareUnsigned(used(), size - kept) >= 0) {
            lose(slot);
            return false;
        }
        long entry = entry(position);
        long counted = Math.min(count, MOST_COUNTED);
        memory.store64(entry + V3RingEntry.FIRST, first);
        memory.store64(entry + V3RingEntry.SLOT, slot | ((long) generation << Short.SIZE) | (counted << Integer.SIZE));
        memory.store32(entry + V3RingEntry.TYPE, type | (order << Short.SIZE) | (reason << (3 * Byte.SIZE)));
        memory.store64(entry + V3RingEntry.COOKIE, cookie);
        position++;
        memory.store32Release(entry + V3RingEntry.SEQ, position);
        memory.store32Release(header(V3RingHeader.PROD), position);
        return true;
    }

    private void lose(int slot) {
        lost++;
        memory.store64(header(V3RingHeader.LOST), lost);
        memory.store32(header(V3RingHeader.PROD_FLAGS), V3RingHeader.OVERFLOW);
        markDirty(slot);
    }

    private void markDirty(int slot) {
        int word = (slot / SLOTS_OF_WORD) * Integer.BYTES;
        memory.getAndBitwiseOr32(header(V3RingHeader.DIRTY + word), 1 << (slot % SLOTS_OF_WORD));
    }

    /** Notifies the owner. */
    void kick() {
        channel.raise();
    }

    // The end

    /** Whether an entry is kept for a completion. */
    boolean hasReserved() {
        lock();
        boolean some = reserved != 0;
        unlock();
        return some;
    }

    /** Nothing is written to its pages any more, and they are let go. */
    void remove(FrameTable frames) {
        lock();
        boolean first = !removed;
        removed = true;
        unlock();
        if (first) {
            for (long page : pages) {
                PlainPage.drop(frames, page);
            }
        }
    }

    /**
     * Makes it as if so many events had gone through it and all were read. For tests of what happens where positions wrap; nobody
     * posts or reads meanwhile.
     *
     * @param newPosition of the next entry
     */
    public void windTo(int newPosition) {
        lock();
        position = newPosition;
        for (int at = newPosition - size; at != newPosition; at++) {
            memory.store32(entry(at) + V3RingEntry.SEQ, at + 1);
        }
        memory.store32(header(V3RingHeader.CONS), newPosition);
        memory.store32Release(header(V3RingHeader.PROD), newPosition);
        unlock();
    }
}
