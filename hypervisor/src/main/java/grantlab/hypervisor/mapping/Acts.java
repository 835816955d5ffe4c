package grantlab.hypervisor.mapping;

import grantlab.api.memory.Page;
import grantlab.hypervisor.quiescence.Spin;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The engine's private record of each reference in use (Xen's active entry, xen-semantics 3.1), four words each in slabs:
 *
 * <pre>
 *   0  lock 1 | ... | asked 1 | revoked 1 | revoking 1 | hop 1 | narrow 1 | grantee 15 | pins 32
 *   1  machine frame
 *   2  head of the list of mappings 32 | narrow: window length 16 | window start 15; else: head of the list of mappings through slot 0
 *   3  the table's snapshot of the entry; of a hop: whose reference 16 | which 32
 * </pre>
 *
 * The lock is a bit of word 0: taken by compare-exchange, and one release store publishes the new pins and lets go. Words 1
 * to 3 are read and written under the lock; they mean something only while there are pins.
 */
public final class Acts {
    /** Bytes of a record. */
    public static final int BYTES = 32;

    /** No mapping. */
    public static final int NO_HANDLE = -1;

    /** No mapping through slot 0. */
    private static final int NO_RECORD = -1;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long LOCK = 1L << 63;
    private static final long NARROW = 1L << 47;
    private static final long HOP = 1L << 48;
    private static final long REVOKING = 1L << 49;
    private static final long REVOKED = 1L << 50;
    private static final long ASKED = 1L << 51;
    private static final long CLOSED = REVOKING | REVOKED | ASKED;
    private static final long LOW = 0xffff_ffffL;
    private static final int WINDOW_START_MASK = 0x7fff;
    private static final int WINDOW_LENGTH_MASK = 0xffff;
    private static final int GRANTEE_SHIFT = 32;
    private static final int GRANTEE_MASK = 0x7fff;
    private static final long PINS_MASK = 0xffff_ffffL;
    private static final int SLAB_SHIFT = 9;
    private static final int SLAB_MASK = (1 << SLAB_SHIFT) - 1;
    private static final int RECORD_SHIFT = 2;

    private volatile long[][] slabs = {};

    /** No record yet. */
    public Acts() {}

    /**
     * Makes room; by one thread at a time.
     *
     * @param count records that must exist
     */
    public void grow(long count) {
        int wanted = (int) ((count + SLAB_MASK) >>> SLAB_SHIFT);
        long[][] grown = Arrays.copyOf(slabs, Math.max(wanted, slabs.length));
        for (int slab = slabs.length; slab < grown.length; slab++) {
            grown[slab] = new long[1 << (SLAB_SHIFT + RECORD_SHIFT)];
        }
        slabs = grown;
    }

    /** How many records there is room for. */
    public long capacity() {
        return (long) slabs.length << SLAB_SHIFT;
    }

    private long[] slab(int act) {
        return slabs[act >>> SLAB_SHIFT];
    }

    private static int at(int act) {
        return (act & SLAB_MASK) << RECORD_SHIFT;
    }

    /**
     * Takes the lock.
     *
     * @param act a record
     * @return word 0, for the static questions below and for unlock
     */
    public long lock(int act) {
        long[] slab = slab(act);
        int at = at(act);
        for (int spin = 0; ; spin++) {
            long word = (long) WORDS.getOpaque(slab, at);
            if (word >= 0 && WORDS.compareAndSet(slab, at, word, word | LOCK)) {
                return word;
            }
            Spin.once(spin);
        }
    }

    /**
     * Publishes word 0 and lets go.
     *
     * @param act a locked record
     * @param word what it shall be
     */
    public void unlock(int act, long word) {
        WORDS.setRelease(slab(act), at(act), word);
    }

    /**
     * A look without the lock, for set_version and reports.
     *
     * @param act a record
     * @return its pins
     */
    public int pinsNow(int act) {
        return pins((long) WORDS.getAcquire(slab(act), at(act)));
    }

    /**
     * The next record in use, for invariants: a look without any lock.
     *
     * @param from first record to look at
     * @return a record, or {@link #capacity} when there is none
     */
    public int nextPinned(int from) {
        long[][] all = slabs;
        int capacity = all.length << SLAB_SHIFT;
        for (int act = from; act < capacity; act++) {
            if (pins((long) WORDS.getOpaque(all[act >>> SLAB_SHIFT], at(act))) != 0) {
                return act;
            }
        }
        return capacity;
    }

    /**
     * A look without the lock.
     *
     * @param act a record
     * @return its grantee
     */
    public int granteeNow(int act) {
        return grantee((long) WORDS.getAcquire(slab(act), at(act)));
    }

    /**
     * A look without the lock, for invariants.
     *
     * @param act a record in use
     * @return whether it was taken back
     */
    public boolean revokedNow(int act) {
        return ((long) WORDS.getAcquire(slab(act), at(act)) & REVOKED) != 0;
    }

    /**
     * A look without the lock, for invariants.
     *
     * @param act a record in use
     * @return whether its grantee was asked for it
     */
    public boolean askedNow(int act) {
        return asked((long) WORDS.getAcquire(slab(act), at(act)));
    }

    /**
     * A look without the lock, for invariants.
     *
     * @param act a record in use
     * @return {@link #firstRecord}
     */
    public int firstRecordNow(int act) {
        return firstRecord(act, (long) WORDS.getAcquire(slab(act), at(act)));
    }

    /**
     * A look without the lock, for set_version.
     *
     * @param act a record
     * @return whether it is pinned, for less than a page
     */
    public boolean narrowNow(int act) {
        long word = (long) WORDS.getAcquire(slab(act), at(act));
        return pins(word) != 0 && narrow(word);
    }

    /** The pins in word 0. */
    public static int pins(long word) {
        return (int) word;
    }

    /** The grantee in word 0. */
    public static int grantee(long word) {
        return (int) (word >>> GRANTEE_SHIFT) & GRANTEE_MASK;
    }

    /** Whether the use is narrower than a page: then it cannot be mapped. */
    public static boolean narrow(long word) {
        return (word & NARROW) != 0;
    }

    /** Whether the frame was found through somebody else's reference. Such a use is narrow too, so nobody maps it. */
    public static boolean hop(long word) {
        return (word & HOP) != 0;
    }

    /** Whether nothing new begins of a reference in use: it is being taken back, was, or is asked for (grant-v3.md, 8.2). */
    public static boolean closed(long word) {
        return (word & CLOSED) != 0;
    }

    /** Whether a reference in use is being taken back or was. */
    public static boolean taken(long word) {
        return (word & (REVOKING | REVOKED)) != 0;
    }

    /** Whether the grantee of a reference in use was asked for it, and keeps what it has until it lets go. */
    public static boolean asked(long word) {
        return (word & ASKED) != 0;
    }

    /** Word 0 of a reference in use for which its grantee is asked. */
    public static long ask(long word) {
        return word | ASKED;
    }

    /** Whether a reference in use is being taken back at this moment. */
    public static boolean revoking(long word) {
        return (word & REVOKING) != 0;
    }

    /** Word 0 of a reference in use that is being taken back from now on. */
    public static long beginRevoking(long word) {
        return (word & ~ASKED) | REVOKING;
    }

    /** Word 0 of a reference that was taken back, and is pinned until that is acknowledged. */
    public static long revoked(long word) {
        return (word & ~REVOKING) | REVOKED;
    }

    /** Word 0 with other pins; without any nothing of the reference is taken back or asked for either. */
    public static long withPins(long word, int pins) {
        long rest = pins == 0 ? word & ~CLOSED : word;
        return (rest & ~PINS_MASK) | (pins & PINS_MASK);
    }

    /** Word 0 of a first use. */
    public static long firstUse(int grantee, boolean narrow) {
        return (long) (grantee & GRANTEE_MASK) << GRANTEE_SHIFT | (narrow ? NARROW : 0);
    }

    /** Word 0 of a first use through somebody else's reference. */
    public static long firstHop(int grantee) {
        return firstUse(grantee, true) | HOP;
    }

    /**
     * The machine frame.
     *
     * @param act a locked record
     */
    public long frame(int act) {
        return slab(act)[at(act) + 1];
    }

    /**
     * What a use may reach.
     *
     * @param act a locked record
     * @param narrow whether that is less than the page
     * @param pin its window is filled
     */
    public void readWindow(int act, boolean narrow, Pin pin) {
        if (!narrow) {
            pin.windowStart = 0;
            pin.windowLength = Page.SIZE;
            return;
        }
        long word = slab(act)[at(act) + 2];
        pin.windowStart = (int) word & WINDOW_START_MASK;
        pin.windowLength = (int) (word >>> 16) & WINDOW_LENGTH_MASK;
    }

    /**
     * First byte of the window.
     *
     * @param act a locked record, narrow
     */
    public int windowStart(int act) {
        return (int) slab(act)[at(act) + 2] & WINDOW_START_MASK;
    }

    /**
     * Bytes of the window.
     *
     * @param act a locked record, narrow
     */
    public int windowLength(int act) {
        return (int) (slab(act)[at(act) + 2] >>> 16) & WINDOW_LENGTH_MASK;
    }

    /**
     * The table's snapshot.
     *
     * @param act a locked record
     */
    public long snapshot(int act) {
        return slab(act)[at(act) + 3];
    }

    /**
     * Fills a record at its first use, of a whole page.
     *
     * @param act a locked record
     */
    public void adopt(int act, long frame, long snapshot) {
        long[] slab = slab(act);
        int at = at(act);
        slab[at + 1] = frame;
        slab[at + 2] = (long) NO_HANDLE << 32 | (NO_RECORD & LOW);
        slab[at + 3] = snapshot;
    }

    /**
     * Fills a record at its first narrow use. Of the window's start Xen keeps 15 bits (struct active_grant_entry).
     *
     * @param act a locked record
     */
    public void adoptNarrow(int act, long frame, int windowStart, int windowLength, long snapshot) {
        long[] slab = slab(act);
        int at = at(act);
        slab[at + 1] = frame;
        slab[at + 2] = (long) NO_HANDLE << 32
                | (long) (windowLength & WINDOW_LENGTH_MASK) << 16
                | (windowStart & WINDOW_START_MASK);
        slab[at + 3] = snapshot;
    }

    /**
     * Fills a record at its first use through somebody else's reference.
     *
     * @param act a locked record
     * @param pin what was found there
     */
    public void adoptHop(int act, Pin pin) {
        adoptNarrow(act, pin.frame, pin.windowStart, pin.windowLength, hop(pin));
    }

    /**
     * Whether a record stands for what was found through somebody else's reference.
     *
     * @param act a locked record
     * @param word its word 0
     * @param pin what was found
     */
    public boolean sameHop(int act, long word, Pin pin) {
        return hop(word)
                && frame(act) == pin.frame
                && windowStart(act) == pin.windowStart
                && windowLength(act) == pin.windowLength
                && snapshot(act) == hop(pin);
    }

    private static long hop(Pin pin) {
        return (long) pin.hopDomid << 32 | pin.hopRef;
    }

    /**
     * First mapping of the grantee.
     *
     * @param act a locked record
     * @return a handle or {@link #NO_HANDLE}
     */
    public int firstHandle(int act) {
        return (int) (slab(act)[at(act) + 2] >>> 32);
    }

    /**
     * Changes the first mapping.
     *
     * @param act a locked record
     * @param handle a handle or {@link #NO_HANDLE}
     * @return what was the first one
     */
    public int exchangeFirstHandle(int act, int handle) {
        long[] slab = slab(act);
        int at = at(act) + 2;
        long old = slab[at];
        slab[at] = (old & PINS_MASK) | (long) handle << 32;
        return (int) (old >>> 32);
    }

    /**
     * First mapping of the grantee through slot 0 of grants v3. While a use is narrow there is none.
     *
     * @param act a locked record in use
     * @param word its word 0
     * @return a number of its {@link grantlab.hypervisor.tree.Records}, or -1
     */
    public int firstRecord(int act, long word) {
        return narrow(word) ? NO_RECORD : (int) slab(act)[at(act) + 2];
    }

    /**
     * Changes the first mapping through slot 0.
     *
     * @param act a locked record, not narrow
     * @param record a number, or -1
     */
    public void setFirstRecord(int act, int record) {
        long[] slab = slab(act);
        int at = at(act) + 2;
        slab[at] = (slab[at] & ~LOW) | (record & LOW);
    }
}
