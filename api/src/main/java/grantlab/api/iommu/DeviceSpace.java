package grantlab.api.iommu;

import grantlab.api.Access;
import grantlab.api.memory.PhysicalMap;
import java.util.List;

/**
 * What the devices of one domain reach: a table from device frames (dfn) to machine frames, with the rights to read and to
 * write apart, and a cache in front of it (IOTLB).
 *
 * <p>The cache is a real one: what it remembers stays good until an invalidation is queued <em>and</em> drained, the rights
 * included, so that one that is forgotten has the consequence that it has on a machine. Only what is absent is not remembered:
 * an entry where nothing was needs no invalidation. The order is: change entries, {@link #queueInvalidation} for each answer
 * {@link grantlab.api.Status#MODIFIED}, one {@link #drain}, and then drop references.
 *
 * <p>Where bus equals machine (PV) entries are counted: each {@link #map} is a use of the frame, and only what no use asks for
 * goes with {@link #unmap}. Elsewhere a device frame has one entry, and map replaces it.
 *
 * <p>No method takes references on frames: whoever maps holds them. Threads: any thread may call everything, in parallel with
 * devices. Nothing is allocated, except when a part of the table is used for the first time or a large entry is split.
 */
public interface DeviceSpace {
    /** {@link #entry}: nothing is mapped. */
    long NO_ENTRY = 0;

    /** {@link #findNext} and {@link #next}: there is none. */
    long NONE = -1;

    /** Bits of an {@link #entry} that hold READ and WRITE of {@link grantlab.api.Access}. */
    int ACCESS_MASK = 3;

    /** Where an {@link #entry} holds the order: bits 4..8. */
    int ORDER_SHIFT = 4;

    /** The order's bits, after the shift. */
    int ORDER_MASK = 0x1f;

    /** Where an {@link #entry} holds the machine frame. */
    int FRAME_SHIFT = 12;

    /** How long {@link #drain} waits for a device, in nanoseconds: Xen's iommu_dev_iotlb_timeout, one second. */
    long DRAIN_NANOS = 1_000_000_000L;

    /**
     * Packs an entry.
     *
     * @param mfn machine frame
     * @param order 0, 9 or 18
     * @param access READ, WRITE or both
     * @return the entry
     */
    static long entry(long mfn, int order, int access) {
        return mfn << FRAME_SHIFT | (long) order << ORDER_SHIFT | access;
    }

    /**
     * The machine frame of an entry.
     *
     * @param entry not NO_ENTRY
     * @return its frame
     */
    static long frameOf(long entry) {
        return entry >>> FRAME_SHIFT;
    }

    /**
     * The order of an entry.
     *
     * @param entry not NO_ENTRY
     * @return 0, 9 or 18
     */
    static int orderOf(long entry) {
        return (int) entry >>> ORDER_SHIFT & ORDER_MASK;
    }

    /**
     * The rights of an entry.
     *
     * @param entry any
     * @return READ, WRITE, both; or 0 for NO_ENTRY
     */
    static int accessOf(long entry) {
        return (int) entry & ACCESS_MASK;
    }

    /**
     * What devices may do with what stands in a guest-physical map (p2m_get_iommu_flags in xen/arch/x86/include/asm/p2m.h). There is
     * no type that a device could write and not read.
     *
     * @param entry of a {@link PhysicalMap}, or {@link PhysicalMap#INVALID}
     * @return READ, READ | WRITE, or 0
     */
    static int accessByMap(long entry) {
        if (entry == PhysicalMap.INVALID) {
            return 0;
        }
        return switch (PhysicalMap.typeOf(entry)) {
            case PhysicalMap.RAM_RW,
                    PhysicalMap.TABLE_FRAME,
                    PhysicalMap.GRANT_RW,
                    PhysicalMap.V3_GRANT_RW,
                    PhysicalMap.FOREIGN -> Access.READ | Access.WRITE;
            case PhysicalMap.RAM_RO, PhysicalMap.GRANT_RO, PhysicalMap.V3_GRANT_RO -> Access.READ;
            default -> 0;
        };
    }

    /**
     * Whether its entries are the domain's guest-physical map itself. Then map, unmap and downgrade have nothing to do; what was
     * remembered of the map must be invalidated all the same.
     *
     * @return always the same
     */
    boolean followsPhysicalMap();

    /**
     * The device frame at which a grant appears.
     *
     * @param place where the mapping stands ({@link grantlab.api.paging.AddressSpace})
     * @param mfn the frame
     * @return the mfn where bus equals machine; else the place, which is a gfn
     */
    long deviceFrame(long place, long mfn);

    /**
     * Maps a frame. A larger entry around it is split.
     *
     * @param dfn first device frame, aligned to the order
     * @param mfn first machine frame, aligned to the order
     * @param order 0, 9 or 18
     * @param access READ or READ | WRITE; WRITE alone where write-only entries exist
     * @return zero: nobody can remember anything else; {@link grantlab.api.Status#MODIFIED}: mapped, and what stood there may be
     *     remembered; GENERAL_ERROR, nothing changed: the count of uses is full, or the number is beyond the table; UNSUPPORTED:
     *     such an entry does not exist
     * @throws IllegalArgumentException when a number is not aligned, there is no such frame or order, or dfn and mfn differ where bus
     *     equals machine; unmap, downgrade and sink say the same
     */
    int map(long dfn, long mfn, int order, int access);

    /**
     * Takes a mapping out. Of a range that was mapped over in parts, the parts that still lead to the frame go.
     *
     * @param dfn as it was mapped
     * @param mfn the frame that must be there
     * @param order as it was mapped
     * @param access as it was mapped
     * @return {@link grantlab.api.Status#MODIFIED}; zero where uses are counted and others ask for as much; or {@link
     *     grantlab.api.Status#GONE}, nothing changed, when nothing there leads to the frame
     */
    int unmap(long dfn, long mfn, int order, int access);

    /**
     * A writable mapping becomes a read-only one. No right comes that was not there. Of a range that was mapped over in parts this is
     * about those that still lead to the frame.
     *
     * @param dfn as it was mapped
     * @param mfn the frame that must be there
     * @param order as it was mapped
     * @return as {@link #unmap}; zero too when it was read-only already; GENERAL_ERROR, nothing changed, when the count of those
     *     that read is full
     */
    int downgrade(long dfn, long mfn, int order);

    /**
     * Revocation with SINK_WO: what devices write there from now on vanishes in a page of the granter, what they read faults. Of a range
     * that was mapped over in parts this is about those that still lead to the frame.
     *
     * @param dfn as it was mapped
     * @param mfn the frame that must be there
     * @param order as it was mapped
     * @param scratchMfn first frame of the scratch, aligned to the order
     * @return {@link grantlab.api.Status#MODIFIED}; {@link grantlab.api.Status#GONE}; UNSUPPORTED, nothing changed, where write-only
     *     entries do not exist
     */
    int sink(long dfn, long mfn, int order, long scratchMfn);

    /**
     * Something is to be forgotten with the next {@link #drain}: all that is remembered of the range, larger entries around it included.
     * The queue is bounded: when it runs over, everything is.
     *
     * @param dfn first device frame
     * @param order 0, 9 or 18
     */
    void queueInvalidation(long dfn, int order);

    /**
     * Forgets what was queued, then waits until every access that may have begun before has ended. A device that has not ended
     * its access {@link #DRAIN_NANOS} later is cut off: it stays in quarantine until it is detached.
     *
     * @return zero; or {@link grantlab.api.Status#QUARANTINED} when a device had to be cut off. In either case nothing of what was
     *     queued is reached any more
     */
    int drain();

    /**
     * One consistent look into the table, not at what is remembered.
     *
     * @param dfn any number
     * @return {@code mfn << 12 | order << 4 | access} where mfn is the frame of this very dfn also inside a large entry; or {@link
     *     #NO_ENTRY}
     */
    long entry(long dfn);

    /**
     * Where bus equals machine: how many mappings of order 0 a frame has, for invariants and dumps.
     *
     * @param mfn a machine frame
     * @param access READ for those that read alone, READ | WRITE for those that write too
     * @return how many; 0 where uses are not counted
     */
    long uses(long mfn, int access);

    /**
     * The search of revocation.
     *
     * @param mfn a machine frame
     * @param from first dfn to look at
     * @return the next dfn at or after it whose entry leads to the frame with any right, or {@link #NONE}
     */
    long findNext(long mfn, long from);

    /**
     * The next dfn at which anything is mapped, for invariants and dumps.
     *
     * @param from first dfn to look at
     * @return a dfn, or {@link #NONE}
     */
    long next(long from);

    /**
     * Whether a device might still reach a frame without looking into the table: the cache remembers it, or an access to it is
     * under way.
     *
     * @param mfn a machine frame
     * @return exact while no device works
     */
    boolean remembers(long mfn);

    /**
     * A device joins.
     *
     * @return the device, which reaches what the space maps
     * @throws IllegalStateException when the space was disposed
     */
    Device attach();

    /**
     * A device leaves, in quarantine or not: it is reset, an access under way does not happen.
     *
     * @param device from {@link #attach}
     */
    void detach(Device device);

    /**
     * The last faults, as many as are kept: what is lost shows in their numbers.
     *
     * @return an immutable list, oldest first
     */
    List<DeviceFault> faults();

    /**
     * What happened so far.
     *
     * @return a snapshot
     */
    DeviceSpaceCounts counts();

    /** The domain dies: its devices are detached, and when this returns none of them reaches anything any more. */
    void dispose();
}
