package grantlab.api.memory;

import org.jspecify.annotations.Nullable;

/**
 * One domain's guest-physical map. For a domain whose frame numbers are machine frames (PV) it is the identity over what
 * the domain owns, so nobody has to ask which of both it is.
 *
 * <p>Reading is lock free and may race with changes: each answer was true at one moment. Changes of one map exclude each
 * other inside. No method flushes a TLB: whoever changes the map does, through the address space.
 */
public interface PhysicalMap {
    /** Nothing: reads give ones, writes vanish. */
    int NONE = 0;

    /** The domain's own memory. */
    int RAM_RW = 1;

    /** The domain's own memory, writes discarded. */
    int RAM_RO = 2;

    /** A grant mapped writable. */
    int GRANT_RW = 3;

    /** A grant mapped read-only. */
    int GRANT_RO = 4;

    /** Another domain's frame, mapped by privilege. */
    int FOREIGN = 5;

    /** A frame of the domain's own grant table. */
    int TABLE_FRAME = 6;

    /** A grant mapped writable by grants v3: the place is a further one, and goes by v3_unmap alone. */
    int V3_GRANT_RW = 7;

    /** A grant mapped read-only by grants v3. */
    int V3_GRANT_RO = 8;

    /** No frame, no entry. */
    long INVALID = -1;

    /** Answer of {@link #adopt} and {@link #populate}: a grant or a foreign frame stood there, and Xen crashes the domain. */
    long CRASHES = Long.MIN_VALUE;

    /** Bits of an {@link #entry} that hold the type. */
    int TYPE_MASK = 0xf;

    /** Where an {@link #entry} holds the order: bits 4..8. */
    int ORDER_SHIFT = 4;

    /** The order's bits, after the shift. */
    int ORDER_MASK = 0x1f;

    /** Where an {@link #entry} holds the machine frame. */
    int FRAME_SHIFT = 12;

    /**
     * Packs an entry.
     *
     * @param mfn machine frame
     * @param order 0, 9 or 18
     * @param type a constant
     * @return the entry
     */
    static long entry(long mfn, int order, int type) {
        return mfn << FRAME_SHIFT | (long) order << ORDER_SHIFT | type;
    }

    /**
     * The machine frame of an entry.
     *
     * @param entry not INVALID
     * @return its frame
     */
    static long frameOf(long entry) {
        return entry >>> FRAME_SHIFT;
    }

    /**
     * The order of an entry.
     *
     * @param entry not INVALID
     * @return 0, 9 or 18
     */
    static int orderOf(long entry) {
        return (int) entry >>> ORDER_SHIFT & ORDER_MASK;
    }

    /**
     * The type of an entry.
     *
     * @param entry not INVALID
     * @return a type constant
     */
    static int typeOf(long entry) {
        return (int) entry & TYPE_MASK;
    }

    /**
     * Whether a type is that of a grant mapping, by whichever operation.
     *
     * @param type a constant
     * @return true for a grant
     */
    static boolean isGrant(int type) {
        return type == GRANT_RW || type == GRANT_RO || isV3Grant(type);
    }

    /**
     * Whether a type is that of a grant mapped by grants v3.
     *
     * @param type a constant
     * @return true for one of v3_map
     */
    static boolean isV3Grant(int type) {
        return type == V3_GRANT_RW || type == V3_GRANT_RO;
    }

    /**
     * Whether a type is that of a grant that may be written to.
     *
     * @param type a constant
     * @return true for a writable grant mapping
     */
    static boolean isWritableGrant(int type) {
        return type == GRANT_RW || type == V3_GRANT_RW;
    }

    /**
     * The machine frame that a grant of, or a copy by, this frame number means (xen-semantics 3.6). Takes no reference.
     *
     * @param gfn any 64-bit number
     * @return a machine frame, or {@link grantlab.api.Status#BAD_PAGE}
     */
    long frameToGrant(long gfn);

    /**
     * The same, with one reference on the frame for the caller: in one step, so the frame is looked up once.
     *
     * @param gfn any 64-bit number
     * @return a machine frame, or {@link grantlab.api.Status#BAD_PAGE} and no reference
     */
    long getFrameToGrant(long gfn);

    /**
     * The machine frame behind a guest frame, whatever its type.
     *
     * @param gfn any number
     * @return a machine frame, or {@link #INVALID}
     */
    long machineFrame(long gfn);

    /**
     * One consistent look at an entry.
     *
     * @param gfn any number
     * @return {@code mfn << 12 | order << 4 | type} where mfn is the frame of this very gfn also inside a large entry; or
     *     {@link #INVALID}
     */
    long entry(long gfn);

    /**
     * All changes of this map but those of a grant that comes where nothing was, or goes and leaves nothing. So the count
     * stands still while a domain maps and unmaps.
     *
     * @return always the same object
     */
    Changes memoryChanges();

    /**
     * Guest frames are numbered below this.
     *
     * @return exclusive bound
     */
    long limit();

    /**
     * A transferred page arrives: the number that the entry then carries.
     *
     * @param gfn what the entry names
     * @param mfn the page; owned by this domain already
     * @return the machine frame where numbers are machine frames; {@link #INVALID} to leave the entry's frame alone; or a
     *     status below INVALID when the page could not be placed, {@link #CRASHES} among them
     */
    long adopt(long gfn, long mfn);

    /**
     * Replaces an entry. A larger entry around it is split. References and machine-to-physical are the caller's business.
     *
     * @param gfn first guest frame, aligned to the order
     * @param mfn first machine frame, aligned to the order
     * @param order 0, 9 or 18
     * @param type one of the constants, not NONE
     * @return what stood at {@code gfn} before, as {@link #entry}; INVALID for nothing; or a status below INVALID when the
     *     number is beyond the map
     * @throws IllegalArgumentException when a number is not aligned, or there is no such frame, order or type
     * @throws UnsupportedOperationException where numbers are machine frames
     */
    long set(long gfn, long mfn, int order, int type);

    /**
     * {@link #set} of pages at guest frames beside one another, from the first on as long as nothing stands there. A map may stop
     * before that, and one that does nothing here is as good: whoever calls goes on with {@link #set}.
     *
     * @param gfn guest frame of the page at {@code mfns[0]}
     * @param mfns machine frames
     * @param from the first of them
     * @param end behind the last one
     * @param type a constant
     * @return how many were entered
     */
    default int setVacant(long gfn, long[] mfns, int from, int end, int type) {
        return 0;
    }

    /**
     * Empties an entry. A larger entry around it is split.
     *
     * @param gfn first guest frame
     * @param order 0, 9 or 18
     * @return what stood at {@code gfn} before, as {@link #entry}, or INVALID
     * @throws IllegalArgumentException when the number is not aligned, or there is no such order
     * @throws UnsupportedOperationException where numbers are machine frames
     */
    long clear(long gfn, int order);

    /**
     * {@link #clear} of pages at guest frames beside one another, from the first on as long as just that page stands there in just that
     * way. A map may stop before that, and one that does nothing here is as good: whoever calls goes on with {@link #clear}.
     *
     * @param gfn guest frame at which {@code mfns[0]} would stand
     * @param mfns machine frames
     * @param from the first of them
     * @param end behind the last one
     * @param type a constant
     * @return how many are gone
     */
    default int clearSame(long gfn, long[] mfns, int from, int end, int type) {
        return 0;
    }

    /**
     * XENMEM_decrease_reservation, one extent of order 0 (Xen's guest_remove_page).
     *
     * @param gfn what the guest names
     * @param removed its {@code mfn} is set to the frame to release, or INVALID: the caller flushes, then drops the
     *     reference of the allocation and then one more, which this method took
     * @return zero or a negated errno
     */
    int decrease(long gfn, Removed removed);

    /**
     * XENMEM_populate_physmap, one extent of order 0. As with {@link #adopt} the page takes the place of memory that stands there, which
     * is at no number then, and leaves the place where it was itself.
     *
     * @param gfn where the guest wants it
     * @param mfn a frame just allocated for this domain
     * @return the number under which the guest knows it now, a negated errno, or {@link #CRASHES}
     */
    long populate(long gfn, long mfn);

    /**
     * XENMEM_remove_from_physmap. A mapping of a grant of the domain's own goes too (another's stays: -ENOENT); its references
     * are left to its handle, as Xen leaves them.
     *
     * @param gfn what the guest names
     * @return zero or a negated errno
     */
    int remove(long gfn);

    /**
     * The next place that names a machine frame, for the search of revocation.
     *
     * @param mfn a machine frame
     * @param from first gfn to look at
     * @return a gfn, or {@link #INVALID}
     */
    long findNext(long mfn, long from);

    /**
     * The same for a block of frames.
     *
     * @param mfn the first, aligned to the order
     * @param order log2 of how many
     * @param from first gfn to look at
     * @return a gfn that names one of them, or {@link #INVALID}
     */
    default long findNext(long mfn, int order, long from) {
        long first = INVALID;
        for (long frame = mfn; frame < mfn + (1L << order); frame++) {
            long gfn = findNext(frame, from);
            if (gfn != INVALID && (first == INVALID || gfn < first)) {
                first = gfn;
            }
        }
        return first;
    }

    /**
     * Whether nothing stands at any of some frame numbers.
     *
     * @param gfn the first, aligned to the order
     * @param order log2 of how many
     * @return true: every {@link #entry} there is INVALID
     */
    default boolean isVacant(long gfn, int order) {
        for (long offset = 0; offset < 1L << order; offset++) {
            if (entry(gfn + offset) != INVALID) {
                return false;
            }
        }
        return true;
    }

    /**
     * The next place at which anything stands, for invariants and dumps.
     *
     * @param from first gfn to look at
     * @return a gfn, or {@link #INVALID}
     */
    long next(long from);

    /**
     * From now on somebody follows this map. Once, and before anything stands in the map or anybody else knows it.
     *
     * @param watcher told of every change of an entry, after it; where numbers are machine frames there are none
     */
    void watch(MapWatcher watcher);

    /**
     * Who follows this map. Whoever flushes the TLBs of its domain makes that one forget too.
     *
     * @return always the same; null for nobody
     */
    @Nullable
    MapWatcher watcher();

    /** Where {@link PhysicalMap#decrease} leaves its result; reused. */
    final class Removed {
        /** The frame, or INVALID. */
        public long mfn = INVALID;

        /** Empty. */
        public Removed() {}
    }
}
