package grantlab.paging.hvm;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.lang.foreign.MemorySegment;

/** The address space of an HVM or PVH guest: what its guest-physical map says. A place is a guest frame. */
final class HvmAddressSpace implements AddressSpace {
    private static final int PAGE_FAULT = 14;
    private static final int ERROR_WRITE = 2;

    /** What a hole reads as. */
    private static final long ONES = -1;

    /** {@link #reach}: the guest's own tables do not cover the address. */
    private static final long NOT_COVERED = -2;

    /** {@link #reach}: nothing there, or not for this access; loads give ones, stores vanish. */
    private static final long NOWHERE = -1;

    private static final int NOT_FOR_HVM = Gntmap.DEVICE_MAP | Gntmap.APPLICATION_MAP | Gntmap.CONTAINS_PTE;

    private static final long OPERATIONS = 1L << GnttabOp.MAP_GRANT_REF
            | 1L << GnttabOp.UNMAP_GRANT_REF
            | 1L << GnttabOp.SETUP_TABLE
            | 1L << GnttabOp.COPY
            | 1L << GnttabOp.QUERY_SIZE
            | 1L << GnttabOp.SET_VERSION
            | 1L << GnttabOp.GET_VERSION
            | 1L << GnttabOp.SWAP_GRANT_REF;

    private final int domid;
    private final PhysicalMap map;
    private final MachineMemory memory;
    private final FrameTable frames;
    private final Shootdown shootdown;
    private final GrantPlacement grants;
    private final TablePlacement tableFrames;
    private volatile Coverage coverage = Coverage.EVERYTHING;

    HvmAddressSpace(int domid, PhysicalMap map, MachineMemory memory, FrameTable frames) {
        this.domid = domid;
        this.map = map;
        this.memory = memory;
        this.frames = frames;
        this.shootdown = new Shootdown(map.watcher());
        PlaceLocks locks = new PlaceLocks();
        GrantRegions regions = new GrantRegions();
        PlaceReferences references = new PlaceReferences(domid, frames);
        this.grants = new GrantPlacement(domid, map, frames, references, locks, regions, shootdown);
        this.tableFrames = new TablePlacement(domid, map, frames, locks, regions, shootdown);
    }

    // What this kind of guest may ask for.

    @Override
    public long operations() {
        return OPERATIONS;
    }

    @Override
    public boolean checksOperationFirst() {
        return true;
    }

    /** A bad pointer is found when it is followed. */
    @Override
    public boolean mayHoldArguments(long address, long bytes) {
        return true;
    }

    @Override
    public int admits(int gntmapFlags) {
        return (gntmapFlags & NOT_FOR_HVM) == 0 ? Status.OKAY : Status.GENERAL_ERROR;
    }

    // Grant mappings.

    @Override
    public int map(long hostAddress, int gntmapFlags, long mfn, int order, int access, Mapped result) {
        return GrantPlacement.admits(gntmapFlags)
                ? grants.place(Page.frame(hostAddress), mfn, order, access, result)
                : Status.GENERAL_ERROR;
    }

    @Override
    public int mapBeside(long hostAddress, int gntmapFlags, long mfn, int order, int access, Mapped result) {
        return GrantPlacement.admits(gntmapFlags)
                ? grants.placeBeside(Page.frame(hostAddress), mfn, order, access, result)
                : Status.GENERAL_ERROR;
    }

    @Override
    public int mapBeside(
            long hostAddress, int gntmapFlags, long[] mfns, int count, int access, Mapped result, long[] places) {
        if (!GrantPlacement.admits(gntmapFlags)) {
            return 0;
        }
        long gfn = Page.frame(hostAddress);
        int placed = grants.placeBeside(gfn, mfns, count, access, result);
        for (int i = 0; i < placed; i++) {
            places[i] = gfn + i;
        }
        return placed;
    }

    @Override
    public int unmap(long hostAddress, long newAddress, int gntmapFlags, long mfn, int access, Mapped result) {
        return newAddress == 0 && (gntmapFlags & Gntmap.CONTAINS_PTE) == 0
                ? grants.takeOut(Page.frame(hostAddress), mfn, access, result)
                : Status.GENERAL_ERROR;
    }

    @Override
    public int replace(long place, int order, long mfn, long newMfn, int access, Mapped result) {
        return grants.replace(place, order, mfn, newMfn, access, result);
    }

    @Override
    public int remove(long place, int order, long mfn, Mapped result) {
        return grants.remove(place, order, mfn, result);
    }

    @Override
    public void remove(long[] places, long[] mfns, int from, int end, Mapped result, int[] rights) {
        grants.remove(places, mfns, from, end, rights);
    }

    @Override
    public long findNext(long mfn, int order, long from) {
        return grants.findNext(mfn, order, from);
    }

    // Frames of tables and of other domains.

    @Override
    public int withdrawTableFrame(long mfn) {
        return tableFrames.withdraw(mfn);
    }

    @Override
    public int placeTableFrame(long gfn, long mfn) {
        return tableFrames.place(gfn, mfn);
    }

    @Override
    public long nameOf(long mfn) {
        return frames.machineToPhysical(mfn);
    }

    /** Foreign entries are writable: the map has no type for a read-only one. */
    @Override
    public int mapForeign(long address, long mfn, int access, Mapped result) {
        if (!Access.writes(access)) {
            return -Errno.EOPNOTSUPP;
        }
        long gfn = Page.frame(address);
        int error = tableFrames.placeForeign(gfn, mfn);
        if (error == 0) {
            result.place = gfn;
            result.displacedMfn = PhysicalMap.INVALID;
            result.orderGot = Page.ORDER_4K;
        }
        return error;
    }

    // vCPUs.

    @Override
    public void flush() {
        shootdown.flushAll();
    }

    @Override
    public void flushTlbs() {
        shootdown.flushTlbs();
    }

    @Override
    public long flushes() {
        return shootdown.flushes();
    }

    @Override
    public boolean remembers(long mfn) {
        return shootdown.remembers(mfn);
    }

    @Override
    public Tlb attach() {
        return shootdown.attach();
    }

    @Override
    public void detach(Tlb tlb) {
        shootdown.detach((VcpuTlb) tlb);
    }

    @Override
    public int load(Tlb tlb, long address, int bytes, Loaded result) {
        VcpuTlb cache = (VcpuTlb) tlb;
        cache.enter();
        try {
            int first = bytesInFirstPage(address, bytes);
            long from = reach(cache, address, false);
            if (from == NOT_COVERED) {
                return fault(address, false, result);
            }
            if (first == bytes) {
                if (stops(from, address, result)) {
                    return HOLE;
                }
                result.value = from == NOWHERE ? ones(bytes) : GuestWord.load(memory, from, bytes);
                return 0;
            }
            long then = reach(cache, address + first, false);
            if (then == NOT_COVERED) {
                return fault(address + first, false, result);
            }
            if (stops(from, address, result) || stops(then, address + first, result)) {
                return HOLE;
            }
            if (from == NOWHERE || then == NOWHERE) {
                from = emulated(address, false);
                then = emulated(address + first, false);
            }
            result.value = loadPart(from, first) | loadPart(then, bytes - first) << (first * Byte.SIZE);
            return 0;
        } finally {
            cache.leave();
        }
    }

    @Override
    public int store(Tlb tlb, long address, int bytes, long value, Loaded result) {
        VcpuTlb cache = (VcpuTlb) tlb;
        cache.enter();
        try {
            int first = bytesInFirstPage(address, bytes);
            long to = reach(cache, address, true);
            if (to == NOT_COVERED) {
                return fault(address, true, result);
            }
            if (first == bytes) {
                if (stops(to, address, result)) {
                    return HOLE;
                }
                if (to != NOWHERE) {
                    GuestWord.store(memory, to, bytes, value);
                }
                return 0;
            }
            long then = reach(cache, address + first, true);
            if (then == NOT_COVERED) {
                return fault(address + first, true, result);
            }
            if (stops(to, address, result) || stops(then, address + first, result)) {
                return HOLE;
            }
            if (to == NOWHERE || then == NOWHERE) {
                to = emulated(address, true);
                then = emulated(address + first, true);
            }
            storePart(to, first, value);
            storePart(then, bytes - first, value >>> (first * Byte.SIZE));
            return 0;
        } finally {
            cache.leave();
        }
    }

    @Override
    public int loadBytes(Tlb tlb, long address, MemorySegment into, long at, int length, Loaded result) {
        VcpuTlb cache = (VcpuTlb) tlb;
        cache.enter();
        try {
            for (int done = 0; done < length; done = nextPage(address, done)) {
                long from = reach(cache, address + done, false);
                if (from == NOT_COVERED) {
                    return fault(address + done, false, result);
                }
                if (stops(from, address + done, result)) {
                    return HOLE;
                }
                if (from == NOWHERE) {
                    into.asSlice(at + done, bytesInPage(address, done, length)).fill((byte) ONES);
                } else {
                    memory.copyOut(from, into, at + done, bytesInPage(address, done, length));
                }
            }
            return 0;
        } finally {
            cache.leave();
        }
    }

    @Override
    public int storeBytes(Tlb tlb, long address, MemorySegment from, long at, int length, Loaded result) {
        VcpuTlb cache = (VcpuTlb) tlb;
        cache.enter();
        try {
            for (int done = 0; done < length; done = nextPage(address, done)) {
                long to = reach(cache, address + done, true);
                if (to == NOT_COVERED) {
                    return fault(address + done, true, result);
                }
                if (stops(to, address + done, result)) {
                    return HOLE;
                }
                if (to != NOWHERE) {
                    memory.copyIn(to, from, at + done, bytesInPage(address, done, length));
                }
            }
            return 0;
        } finally {
            cache.leave();
        }
    }

    private static int nextPage(long address, int done) {
        return done + Page.SIZE - Page.offset(address + done);
    }

    private static int bytesInPage(long address, int done, int length) {
        return Math.min(nextPage(address, done), length) - done;
    }

    /** Where a store vanishes, an exchange compares and nothing more. */
    @Override
    public int compareAndExchange(Tlb tlb, long address, int bytes, long expected, long value, Loaded witness) {
        VcpuTlb cache = (VcpuTlb) tlb;
        cache.enter();
        try {
            long at = reach(cache, address, true);
            if (at == NOT_COVERED) {
                return fault(address, true, witness);
            }
            if (at != NOWHERE) {
                witness.value = GuestWord.compareAndExchange(memory, at, bytes, expected, value);
                return 0;
            }
            if (stops(at, address, witness)) {
                return HOLE;
            }
            long readable = reach(cache, address, false);
            witness.value = readable == NOWHERE ? ones(bytes) : GuestWord.load(memory, readable, bytes);
            return 0;
        } finally {
            cache.leave();
        }
    }

    /**
     * Through the TLB, which holds present entries only.
     *
     * @return the machine address, {@link #NOWHERE} or {@link #NOT_COVERED}
     */
    private long reach(VcpuTlb cache, long address, boolean write) {
        long gfn = Page.frame(address);
        long entry = cache.lookUp(gfn);
        if (entry == PhysicalMap.INVALID || (write && !MapEntry.isWritable(entry))) {
            if (!coverage.contains(address)) {
                return NOT_COVERED;
            }
            entry = map.entry(gfn);
            if (!MapEntry.isPresent(entry)) {
                return NOWHERE;
            }
            cache.fill(gfn, entry);
            if (write && !MapEntry.isWritable(entry)) {
                return NOWHERE;
            }
        }
        return machineAddress(entry, address);
    }

    /**
     * Where one part of an access arrives that lies across two pages, when the processor cannot do it all. Then Xen emulates
     * the instruction (linear_read and linear_write in emulate.c of 4.17), and its emulator takes grant mappings of others'
     * frames for I/O memory, as it takes holes: it asks for the frame in the name of the domain, which does not own it
     * (p2m_get_page_from_gfn).
     */
    private long emulated(long address, boolean write) {
        long entry = map.entry(Page.frame(address));
        if (!MapEntry.isPresent(entry)
                || (write && !MapEntry.isWritable(entry))
                || (MapEntry.isGrant(entry) && frames.owner(PhysicalMap.frameOf(entry)) != domid)) {
            return NOWHERE;
        }
        return machineAddress(entry, address);
    }

    private long loadPart(long from, int bytes) {
        return from == NOWHERE ? ones(bytes) : GuestWord.loadBytes(memory, from, bytes);
    }

    private void storePart(long to, int bytes, long value) {
        if (to != NOWHERE) {
            GuestWord.storeBytes(memory, to, bytes, value);
        }
    }

    private static long ones(int bytes) {
        return ONES >>> (Long.SIZE - bytes * Byte.SIZE);
    }

    private static int bytesInFirstPage(long address, int bytes) {
        return Math.min(bytes, Page.SIZE - Page.offset(address));
    }

    private static long machineAddress(long entry, long address) {
        return Page.address(PhysicalMap.frameOf(entry)) | Page.offset(address);
    }

    /** Whether an access that arrives nowhere is to end there: nothing stands at the place, be it to be read. */
    private boolean stops(long at, long address, Loaded result) {
        if (at != NOWHERE || !result.stopsAtHoles || MapEntry.isPresent(map.entry(Page.frame(address)))) {
            return false;
        }
        result.faultAddress = address;
        return true;
    }

    /** The guest's own tables have nothing there. */
    private static int fault(long address, boolean write, Loaded result) {
        result.faultAddress = address;
        result.faultVector = PAGE_FAULT;
        result.faultErrorCode = write ? ERROR_WRITE : 0;
        return PAGE_FAULT;
    }

    /** No argument is ever in a grant. */
    @Override
    public Changes argumentChanges() {
        return map.memoryChanges();
    }

    /** Xen follows a pointer into the domain's own memory and into foreign frames, but into no grant (__hvm_copy). */
    @Override
    public long argument(long address, boolean write) {
        if (!coverage.contains(address)) {
            return NO_ARGUMENT;
        }
        long entry = map.entry(Page.frame(address));
        if (!MapEntry.isPresent(entry) || MapEntry.isGrant(entry)) {
            return NO_ARGUMENT;
        }
        return write && !MapEntry.isWritable(entry) ? DISCARDED : machineAddress(entry, address);
    }

    // There are no page tables of ours.

    @Override
    public int update(long address, long entry) {
        return -Errno.ENOSYS;
    }

    @Override
    public long entryAddress(long address) {
        return -1;
    }

    @Override
    public int enter(long rootMfn) {
        return 0;
    }

    @Override
    public synchronized void cover(long firstAddress, long bytes) {
        coverage = coverage.with(firstAddress, bytes);
        shootdown.flushAll();
    }

    @Override
    public synchronized void dispose() {
        coverage = Coverage.NOTHING;
        shootdown.flushAll();
        grants.takeOutAll();
    }
}
