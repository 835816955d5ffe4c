package grantlab.api.paging;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.Changes;
import grantlab.api.memory.Page;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One domain's address space. A <em>place</em> is where a mapping stands, as a number that stays true while the guest
 * rearranges everything else: the machine address of the L1 entry (PV), the gfn (HVM).
 *
 * <p>References: the references on a mapped frame (one, and one writable type use where a single frame is mapped writable
 * and its owner is typed or is this domain) belong to the place, not to the handle. {@link #map} takes them over from the
 * caller; {@link #unmap}, {@link #replace} and {@link #remove} hand them back; whatever else empties the place drops them.
 * The caller drops what it was handed only after {@link #flush}.
 *
 * <p>Threads: any thread may call everything, except that a {@link Tlb} is used by one thread. Loads and stores of several
 * vCPUs really run in parallel with map and unmap; {@link #flush} returns only when no vCPU can use an old entry any more.
 */
public interface AddressSpace {
    /**
     * Dispatch, step 0: which operations of grant_table_op this kind of guest has.
     *
     * @return bit n: GNTTABOP n
     */
    long operations();

    /**
     * What unknown operations answer before anything else is looked at.
     *
     * @return whether {@link #operations} comes first
     */
    boolean checksOperationFirst();

    /**
     * Dispatch, step 4: whether an argument array may start at an address (PV: not in Xen's range).
     *
     * @param address as the guest gave it
     * @param bytes size of the array
     * @return false: the call answers -EFAULT
     */
    boolean mayHoldArguments(long address, long bytes);

    /**
     * Map, row 2: flags that this kind of guest must not use, before the granter is looked up.
     *
     * @param gntmapFlags as the guest gave them
     * @return zero or a status
     */
    int admits(int gntmapFlags);

    /**
     * Map, row 13. On success the place owns the references that the caller brought; what stood there before is released
     * as Xen does it, without a flush.
     *
     * @param hostAddress linear or guest-physical address, or machine address of an entry (GNTMAP_contains_pte)
     * @param gntmapFlags as the guest gave them
     * @param mfn the frame, first of {@code 2^order}
     * @param order 0, 9 or 18
     * @param access READ or READ | WRITE
     * @param result filled on success
     * @return zero, a status, or {@link grantlab.api.Status#CRASH_CALLER}
     */
    int map(long hostAddress, int gntmapFlags, long mfn, int order, int access, Mapped result);

    /**
     * Map for grants v3: like {@link #map}, except that a page of this domain's own that it maps through a grant stays where it
     * is in the guest-physical map as well, and that the place keeps to itself: {@link #unmap} finds no mapping there, neither at
     * the address nor at the new one, the guest cannot give its number back, and {@link #remove} empties it.
     *
     * @param hostAddress as for map
     * @param gntmapFlags as for map
     * @param mfn the frame, first of {@code 2^order}
     * @param order 0, 9 or 18
     * @param access READ or READ | WRITE
     * @param result filled on success
     * @return as map
     */
    int mapBeside(long hostAddress, int gntmapFlags, long mfn, int order, int access, Mapped result);

    /**
     * {@link #mapBeside} of several frames, in order, at addresses a page apart, or in entries one after the other; up to the first
     * that is refused, which is asked for again by itself, and tells why.
     *
     * @param hostAddress of the first
     * @param gntmapFlags as for map
     * @param mfns the frames
     * @param count how many of them
     * @param access READ or READ | WRITE
     * @param result in disorder
     * @param places where each stands
     * @return how many stand there, from the first on
     */
    default int mapBeside(
            long hostAddress, int gntmapFlags, long[] mfns, int count, int access, Mapped result, long[] places) {
        int apart = (gntmapFlags & Gntmap.CONTAINS_PTE) != 0 ? Long.BYTES : Page.SIZE;
        int done = 0;
        while (done < count
                && mapBeside(hostAddress + (long) done * apart, gntmapFlags, mfns[done], Page.ORDER_4K, access, result)
                        == Status.OKAY) {
            places[done++] = result.place;
        }
        return done;
    }

    /**
     * Unmap, row 8: believes no address; verifies frame, presence and, where places are entries, the right. Where they are guest frames
     * the right is not compared: two handles of one frame may take each other's place, and this evens out the type use that the caller is
     * going to drop, or refuses where there is none to be had. On success the caller is handed the references of the place.
     *
     * @param hostAddress where the guest says that the mapping is
     * @param newAddress unmap_and_replace: what to put there, or 0
     * @param gntmapFlags of the mapping's record
     * @param mfn the frame that must be there
     * @param access the right that must be there, or for which the caller is going to drop
     * @param result its {@code place} is filled on success
     * @return zero or a status; a failed replace may have taken the new address's entry out (as Xen does)
     */
    int unmap(long hostAddress, long newAddress, int gntmapFlags, long mfn, int access, Mapped result);

    /**
     * Puts another frame where a mapping stands, or the same frame with another right: for revoke and downgrade. What else is said of
     * the place stays. Allocates nothing. The references of the old frame are handed to the caller, those of the new one are taken over.
     *
     * @param place of the mapping
     * @param order of the mapping
     * @param mfn the frame that must be there
     * @param newMfn the frame to put there
     * @param access READ or READ | WRITE
     * @param result its {@code access} is filled on success
     * @return zero, or {@link grantlab.api.Status#GONE} when the place no longer holds the frame
     */
    int replace(long place, int order, long mfn, long newMfn, int access, Mapped result);

    /**
     * Empties the place of a mapping: for revoke. The references are handed to the caller.
     *
     * @param place of the mapping
     * @param order of the mapping
     * @param mfn the frame that must be there
     * @param result its {@code access} is filled on success
     * @return zero, or {@link grantlab.api.Status#GONE} when the place no longer holds the frame
     */
    int remove(long place, int order, long mfn, Mapped result);

    /**
     * {@link #remove} of several mappings of one page.
     *
     * @param places of the mappings
     * @param mfns the frame that must be at each
     * @param from the first of them
     * @param end behind the last of them
     * @param result in disorder
     * @param rights of each what {@link Mapped#access} would be told; zero where the place no longer holds the frame
     */
    default void remove(long[] places, long[] mfns, int from, int end, Mapped result, int[] rights) {
        for (int i = from; i < end; i++) {
            rights[i] = remove(places[i], Page.ORDER_4K, mfns[i], result) == Status.OKAY ? result.access : 0;
        }
    }

    /**
     * The search of revocation: visits what no root reaches too.
     *
     * @param mfn a frame
     * @param from place to begin at
     * @return the next place at or after it that holds the frame, or -1
     */
    default long findNext(long mfn, long from) {
        return findNext(mfn, Page.ORDER_4K, from);
    }

    /**
     * The same for a block of frames.
     *
     * @param mfn the first, aligned to the order
     * @param order log2 of how many
     * @param from place to begin at
     * @return the next place at or after it that holds one of them, or -1
     */
    long findNext(long mfn, int order, long from);

    /**
     * All vCPUs forget, and then whoever follows the physical map ({@link
     * grantlab.api.memory.PhysicalMap#watcher}): devices. Until then they may still reach what was taken out, and the model lets them.
     * When it returns, no access that began before is still under way with an old entry.
     */
    void flush();

    /**
     * The first half of {@link #flush}: all vCPUs forget, devices do not. For a frame that comes to a new owner: devices have forgotten it
     * before it was free, and nobody waits for those of others.
     */
    void flushTlbs();

    /**
     * How often vCPUs were made to forget, everything or one page, whoever ordered it. Without vCPUs there is nobody to do so.
     *
     * @return a count that only grows; exact while nobody flushes
     */
    long flushes();

    /**
     * Whether a vCPU might still reach a frame without looking at page tables or map, by what its TLB remembers.
     *
     * @param mfn a machine frame
     * @return exact while no vCPU is inside a load or store
     */
    boolean remembers(long mfn);

    /**
     * A table frame is about to be given back (set_version 2 to 1).
     *
     * @param mfn a status frame
     * @return zero; -EBUSY when the guest still maps it (PV); CRASH_CALLER when it cannot be taken out (HVM)
     */
    int withdrawTableFrame(long mfn);

    /**
     * XENMEM_add_to_physmap of a grant table frame.
     *
     * @param gfn where the guest wants it
     * @param mfn a frame of its table
     * @return zero or a negated errno; -EACCES where there is no such map
     */
    int placeTableFrame(long gfn, long mfn);

    /**
     * A frame of another domain for a privileged one: the way of backends without grants.
     *
     * @param address where
     * @param mfn the frame; the caller's reference is taken over on success
     * @param access READ or READ | WRITE
     * @param result filled on success
     * @return zero or a negated errno
     */
    int mapForeign(long address, long mfn, int access, Mapped result);

    /**
     * The number by which this domain's setup_table list names a frame of its table.
     *
     * @param mfn a frame
     * @return the mfn (PV), the gfn (HVM), or -1 when it is nowhere in the map
     */
    long nameOf(long mfn);

    /**
     * A vCPU joins.
     *
     * @return its TLB, empty
     */
    Tlb attach();

    /**
     * A vCPU leaves.
     *
     * @param tlb from {@link #attach}
     */
    void detach(Tlb tlb);

    /**
     * A guest load of 1, 2, 4 or 8 bytes, at any alignment, also across pages. Aligned loads are single, those of more than
     * a byte acquire.
     *
     * @param tlb of the loading vCPU
     * @param address guest address
     * @param bytes 1, 2, 4 or 8
     * @param result value, zero extended; or the fault
     * @return zero, or the fault's vector
     * @throws IllegalArgumentException for any other size
     */
    int load(Tlb tlb, long address, int bytes, Loaded result);

    /**
     * A guest store, like {@link #load}. Aligned stores are single, those of more than a byte
     * release.
     *
     * @param tlb of the storing vCPU
     * @param address guest address
     * @param bytes 1, 2, 4 or 8
     * @param value its low bytes
     * @param result the fault; then nothing was stored in either page
     * @return zero, or the fault's vector
     * @throws IllegalArgumentException for any other size
     */
    int store(Tlb tlb, long address, int bytes, long value, Loaded result);

    /**
     * Guest loads of any number of bytes, page after page, in no order within a page (rep movs).
     *
     * @param tlb of the loading vCPU
     * @param address guest address
     * @param into a part of it is filled, unless a fault stops it at the start of a page
     * @param at first byte of the part
     * @param length of the part
     * @param result the fault
     * @return zero, or the fault's vector
     */
    int loadBytes(Tlb tlb, long address, MemorySegment into, long at, int length, Loaded result);

    /**
     * Guest stores, like {@link #loadBytes}.
     *
     * @param tlb of the storing vCPU
     * @param address guest address
     * @param from a part of it is stored, unless a fault stops it at the start of a page
     * @param at first byte of the part
     * @param length of the part
     * @param result the fault
     * @return zero, or the fault's vector
     */
    int storeBytes(Tlb tlb, long address, MemorySegment from, long at, int length, Loaded result);

    /**
     * A guest's locked compare-exchange of 4 or 8 aligned bytes.
     *
     * @param tlb of the vCPU
     * @param address guest address
     * @param bytes 4 or 8
     * @param expected what must be there
     * @param value what shall be there
     * @param witness what was there; or the fault
     * @return zero, or the fault's vector
     * @throws IllegalArgumentException for any other size
     */
    int compareAndExchange(Tlb tlb, long address, int bytes, long expected, long value, Loaded witness);

    /** {@link #argument}: the guest address is not mapped so. */
    long NO_ARGUMENT = -1;

    /** {@link #argument}: a write there vanishes, and that is no error (HVM: read-only entries). */
    long DISCARDED = -2;

    /**
     * Tells whether what {@link #argument} answered still holds: as long as the count is the same.
     *
     * @return always the same object, added to before any call returns by which an argument's address leads elsewhere or
     *     nowhere; or null when nobody counts, and {@link #argument} must be asked each time
     */
    default @Nullable Changes argumentChanges() {
        return null;
    }

    /**
     * Where the hypervisor reads or writes an argument of a hypercall. Walks the tables anew; takes no reference.
     *
     * @param address guest address
     * @param write whether it is going to write
     * @return the machine address, {@link #NO_ARGUMENT} (the call answers -EFAULT), or {@link #DISCARDED}
     */
    long argument(long address, boolean write);

    /**
     * The guest changes the entry that maps an address (PV: update_va_mapping).
     *
     * @param address linear address
     * @param entry the new L1 entry; when this returns every vCPU sees it
     * @return zero; -EINVAL where no entry is, and for one with bits or a number that cannot be; -EPERM for what is no memory, -EBUSY for a
     *     page that cannot be had; -ENOSYS where guests have no such call
     */
    int update(long address, long entry);

    /**
     * Where the entry that maps an address stands, for GNTMAP_contains_pte and for reports.
     *
     * @param address linear address
     * @return machine address of the L1 entry, or -1 when there is none or this kind of guest has none
     */
    long entryAddress(long address);

    /**
     * The guest's first page-table root (PV), validated with all that it reaches; or, where guests have no tables of ours,
     * nothing.
     *
     * @param rootMfn frame of the L4 table
     * @return zero; -EINVAL when something in it may not be there, and then nothing was taken; -EBUSY when there is a root
     */
    int enter(long rootMfn);

    /**
     * What the guest's own page tables cover, where those are not modelled (HVM: guest virtual = guest physical). The first
     * call restricts the space to the given range, further calls add ranges; an access elsewhere is a page fault inside
     * the guest. Without any call everything is covered.
     *
     * @param firstAddress first guest address, page aligned
     * @param bytes a multiple of the page size
     */
    void cover(long firstAddress, long bytes);

    /** The domain died: every place is emptied and the references of the places are dropped. */
    void dispose();

    /** What {@link #map} and {@link #unmap} tell; one per vCPU, reused. */
    final class Mapped {
        /** Where the mapping stands. */
        public long place;

        /** The frame that stood there before, or -1. */
        public long displacedMfn;

        /** The order that the mapping got. */
        public int orderGot;

        /** {@link #remove}, {@link #replace}: the right with which the frame stood there, and so what the place held. */
        public int access;

        /** Empty. */
        public Mapped() {}
    }

    /**
     * An access with {@link Loaded#stopsAtHoles} came to a place where nothing stands, and did nothing there: where guests get no fault
     * of their own for that (HVM).
     */
    int HOLE = -1;

    /** What an access is told and tells; one per vCPU, reused. */
    final class Loaded {
        /** Told: whether an access ends with {@link #HOLE} where it would read ones or vanish because nothing stands there. */
        public boolean stopsAtHoles;

        /** The value or the witness. */
        public long value;

        /** 14 for a page fault, 13 for a general protection fault. */
        public int faultVector;

        /** The error code that the guest sees: bit 0 present, bit 1 write, bit 2 user. */
        public int faultErrorCode;

        /** An address in the page for which an access ended with a fault or {@link #HOLE}: what lies before it of many bytes is done. */
        public long faultAddress;

        /** Empty. */
        public Loaded() {}
    }
}
