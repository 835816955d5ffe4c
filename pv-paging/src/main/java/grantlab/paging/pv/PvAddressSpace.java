package grantlab.paging.pv;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The address space of a PV guest: what its page tables say. A place is the machine address of an L1 entry.
 *
 * <p>Entries change by compare-exchange, so whoever takes an entry out is the one who drops what it held; there is no
 * lock. The caller keeps the domain's own calls away while {@link #dispose} runs; calls about places from elsewhere
 * (revocation) may come at any time.
 *
 * <p>Not modelled: the processor does not set accessed and dirty bits, and fetches nothing.
 */
final class PvAddressSpace implements AddressSpace {
    private static final int ENTRY_BYTES = 8;
    private static final long NO_PLACE = PageTableWalk.NO_ENTRY;

    private static final int PAGE_FAULT = 14;
    private static final int GENERAL_PROTECTION = 13;
    private static final int ERROR_PRESENT = 1;
    private static final int ERROR_WRITE = 2;

    /** An entry that the guest's kernel would write for a foreign page. */
    private static final long FOREIGN_FLAGS =
            PageTableEntry.PRESENT | PageTableEntry.USER | PageTableEntry.ACCESSED | PageTableEntry.DIRTY;

    /** What a PV guest may call: all but dump_table, which exists nowhere. */
    private static final long OPERATIONS = ((1L << (GnttabOp.CACHE_FLUSH + 1)) - 1) & ~(1L << GnttabOp.DUMP_TABLE);

    private final int domid;
    private final MachineMemory memory;
    private final FrameTable frames;
    private final PageReferences pages;
    private final PageTables tables;
    private final PageTableWalk walk;
    private final Shootdown shootdown;

    /** @param watcher who follows the physical map */
    PvAddressSpace(int domid, @Nullable MapWatcher watcher, MachineMemory memory, FrameTable frames) {
        this.domid = domid;
        this.shootdown = new Shootdown(watcher);
        this.memory = memory;
        this.frames = frames;
        this.pages = new PageReferences(domid, memory, frames);
        this.tables = new PageTables(domid, memory, frames, pages);
        this.walk = new PageTableWalk(memory);
    }

    // What this kind of guest may ask for.

    @Override
    public long operations() {
        return OPERATIONS;
    }

    @Override
    public boolean checksOperationFirst() {
        return false;
    }

    /** Only the start counts: whatever runs from there into Xen's range meets a non-canonical address first. */
    @Override
    public boolean mayHoldArguments(long address, long bytes) {
        return LinearAddress.isGuests(address);
    }

    @Override
    public int admits(int gntmapFlags) {
        return Status.OKAY;
    }

    // Grant mappings.

    @Override
    public int map(long hostAddress, int gntmapFlags, long mfn, int order, int access, Mapped result) {
        return enter(hostAddress, gntmapFlags, GrantEntry.of(mfn, gntmapFlags, access), order, result);
    }

    @Override
    public int mapBeside(long hostAddress, int gntmapFlags, long mfn, int order, int access, Mapped result) {
        return enter(hostAddress, gntmapFlags, GrantEntry.ofV3(mfn, gntmapFlags, access), order, result);
    }

    private int enter(long hostAddress, int gntmapFlags, long entry, int order, Mapped result) {
        if (order != Page.ORDER_4K) {
            return Status.BAD_SIZE;
        }
        long place = placeOf(hostAddress, gntmapFlags);
        if (place == NO_PLACE) {
            return Status.GENERAL_ERROR;
        }
        long displaced = exchange(place, entry);
        tell(result, place, displaced);
        release(displaced);
        return Status.OKAY;
    }

    @Override
    public int unmap(long hostAddress, long newAddress, int gntmapFlags, long mfn, int access, Mapped result) {
        if (newAddress == 0) {
            return putInPlace(placeOf(hostAddress, gntmapFlags), PageTableEntry.EMPTY, mfn, access, result);
        }
        if (containsPte(gntmapFlags)) {
            return Status.GENERAL_ERROR;
        }
        long source = linearPlace(newAddress);
        if (source == NO_PLACE) {
            return Status.GENERAL_ERROR;
        }
        long stolen = steal(source);
        if (GrantEntry.isV3(stolen)) {
            return Status.GENERAL_ERROR;
        }
        int status = putInPlace(linearPlace(hostAddress), stolen, mfn, access, result);
        if (status != Status.OKAY) {
            // Xen does not put it back: what new_addr mapped is gone although the call fails.
            release(stolen);
        }
        return status;
    }

    /** Takes an entry out, but one of grants v3. @return what was there */
    private long steal(long place) {
        long entry = memory.load64Acquire(place);
        while (!GrantEntry.isV3(entry)) {
            long witness = memory.compareAndExchange64(place, entry, PageTableEntry.EMPTY);
            if (witness == entry) {
                return entry;
            }
            entry = witness;
        }
        return entry;
    }

    /** Rows 5 to 8 of xen-semantics 7.4: the mapping must be there, and gives way to another entry. */
    private int putInPlace(long place, long replacement, long mfn, int access, Mapped result) {
        if (place == NO_PLACE) {
            return Status.GENERAL_ERROR;
        }
        long entry = memory.load64Acquire(place);
        while (GrantEntry.matches(entry, mfn, access)) {
            long witness = memory.compareAndExchange64(place, entry, replacement);
            if (witness == entry) {
                tell(result, place, entry);
                return Status.OKAY;
            }
            entry = witness;
        }
        return Status.GENERAL_ERROR;
    }

    @Override
    public int replace(long place, int order, long mfn, long newMfn, int access, Mapped result) {
        return changeMapping(place, order, mfn, newMfn, access, result);
    }

    @Override
    public int remove(long place, int order, long mfn, Mapped result) {
        return changeMapping(place, order, mfn, FrameTable.NONE, 0, result);
    }

    /**
     * Any domain's thread: the table is held meanwhile, because this domain may be dying.
     *
     * @param newMfn what to map instead, or NONE
     */
    private int changeMapping(long place, int order, long mfn, long newMfn, int access, Mapped result) {
        if (order != Page.ORDER_4K || (place & ENTRY_BYTES - 1) != 0) {
            return Status.GONE;
        }
        long table = Page.frame(place);
        if (!frames.get(table, Page.ORDER_4K, domid)) {
            return Status.GONE;
        }
        int status = frames.type(table) == FrameTable.TYPE_L1
                ? changeEntry(place, mfn, newMfn, access, result)
                : Status.GONE;
        frames.put(table, Page.ORDER_4K);
        return status;
    }

    private int changeEntry(long place, long mfn, long newMfn, int access, Mapped result) {
        long entry = memory.load64Acquire(place);
        while (PageTableEntry.maps(entry, mfn)) {
            long replacement = newMfn == FrameTable.NONE
                    ? PageTableEntry.EMPTY
                    : PageTableEntry.withWritable(PageTableEntry.withFrame(entry, newMfn), Access.writes(access));
            long witness = memory.compareAndExchange64(place, entry, replacement);
            if (witness == entry) {
                result.access = Access.READ | (PageTableEntry.isWritable(entry) ? Access.WRITE : 0);
                return Status.OKAY;
            }
            entry = witness;
        }
        return Status.GONE;
    }

    @Override
    public long findNext(long mfn, int order, long from) {
        return tables.findEntry(mfn, order, from);
    }

    /** Rows 1 to 4 of xen-semantics 7.2. */
    private long placeOf(long hostAddress, int gntmapFlags) {
        return containsPte(gntmapFlags) ? namedPlace(hostAddress) : linearPlace(hostAddress);
    }

    /** The entry whose machine address the guest gives. */
    private long namedPlace(long machineAddress) {
        return (machineAddress & ENTRY_BYTES - 1) == 0 ? inOwnL1Table(machineAddress) : NO_PLACE;
    }

    /** The entry for a linear address; its low 12 bits do not count. */
    private long linearPlace(long linear) {
        long place = walk.entryOf(linear);
        return place == NO_PLACE ? NO_PLACE : inOwnL1Table(place);
    }

    private long inOwnL1Table(long place) {
        long table = Page.frame(place);
        return frames.owner(table) == domid && frames.type(table) == FrameTable.TYPE_L1 ? place : NO_PLACE;
    }

    private static boolean containsPte(int gntmapFlags) {
        return (gntmapFlags & Gntmap.CONTAINS_PTE) != 0;
    }

    private static void tell(Mapped result, long place, long before) {
        result.place = place;
        result.displacedMfn = PageTableEntry.isPresent(before) ? PageTableEntry.frameOf(before) : FrameTable.NONE;
        result.orderGot = Page.ORDER_4K;
    }

    // Other changes of entries.

    @Override
    public int update(long address, long entry) {
        long place = linearPlace(address);
        if (place == NO_PLACE) {
            return -Errno.EINVAL;
        }
        if (!PageTableEntry.isPresent(entry)) {
            install(place, address, entry);
            return 0;
        }
        if ((entry & PageTableEntry.FORBIDDEN_IN_L1) != 0) {
            return -Errno.EINVAL;
        }
        long adjusted = PageTableEntry.adjustL1(entry);
        if (changeFlags(place, adjusted)) {
            shootdown.flushPage(address);
            return 0;
        }
        int error = pages.take(adjusted);
        if (error == 0) {
            install(place, address, adjusted);
        }
        return error;
    }

    /** The same frame with the same rights: what the entry holds stays as it is. */
    private boolean changeFlags(long place, long adjusted) {
        long entry = memory.load64Acquire(place);
        while (((entry ^ adjusted) & ~PageTableEntry.HARMLESS_IN_L1) == 0) {
            long witness = memory.compareAndExchange64(place, entry, adjusted);
            if (witness == entry) {
                return true;
            }
            entry = witness;
        }
        return false;
    }

    @Override
    public int mapForeign(long address, long mfn, int access, Mapped result) {
        long place = linearPlace(address);
        if (place == NO_PLACE) {
            return -Errno.EINVAL;
        }
        long flags = PageTableEntry.withWritable(FOREIGN_FLAGS, Access.writes(access));
        long entry = PageTableEntry.adjustL1(PageTableEntry.of(mfn, flags));
        if (!pages.takeType(entry)) {
            return -Errno.EBUSY;
        }
        tell(result, place, install(place, address, entry));
        return 0;
    }

    /** Writes an entry that holds what it must; forgets the page everywhere before the old entry lets go of its own. */
    private long install(long place, long linear, long entry) {
        long displaced = exchange(place, entry);
        shootdown.flushPage(linear);
        pages.drop(displaced);
        return displaced;
    }

    private long exchange(long place, long entry) {
        long before = memory.load64Acquire(place);
        while (true) {
            long witness = memory.compareAndExchange64(place, before, entry);
            if (witness == before) {
                return before;
            }
            before = witness;
        }
    }

    /**
     * Drops what a displaced entry held, without a flush: the old page stays readable until something flushes. Only a
     * page that becomes free by it must be forgotten first. (Xen flushes before it hands such a page out again.)
     */
    private void release(long displaced) {
        if (pages.isLast(displaced)) {
            shootdown.flushAll();
        }
        pages.drop(displaced);
    }

    // Table frames.

    /** A status frame that something maps cannot go: every mapping holds a reference besides the allocation's. */
    @Override
    public int withdrawTableFrame(long mfn) {
        return frames.references(mfn) > 1 ? -Errno.EBUSY : 0;
    }

    @Override
    public int placeTableFrame(long gfn, long mfn) {
        return -Errno.EACCES;
    }

    @Override
    public long nameOf(long mfn) {
        return mfn;
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
            long from = machineAddress(cache, address, false);
            if (from < 0) {
                return fault(from, address, false, result);
            }
            if (first == bytes) {
                result.value = GuestWord.load(memory, from, bytes);
                return 0;
            }
            long then = machineAddress(cache, address + first, false);
            if (then < 0) {
                return fault(then, address + first, false, result);
            }
            result.value = GuestWord.loadBytes(memory, from, first)
                    | GuestWord.loadBytes(memory, then, bytes - first) << (first * Byte.SIZE);
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
            long to = machineAddress(cache, address, true);
            if (to < 0) {
                return fault(to, address, true, result);
            }
            if (first == bytes) {
                GuestWord.store(memory, to, bytes, value);
                return 0;
            }
            long then = machineAddress(cache, address + first, true);
            if (then < 0) {
                return fault(then, address + first, true, result);
            }
            GuestWord.storeBytes(memory, to, first, value);
            GuestWord.storeBytes(memory, then, bytes - first, value >>> (first * Byte.SIZE));
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
                long from = machineAddress(cache, address + done, false);
                if (from < 0) {
                    return fault(from, address + done, false, result);
                }
                memory.copyOut(from, into, at + done, bytesInPage(address, done, length));
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
                long to = machineAddress(cache, address + done, true);
                if (to < 0) {
                    return fault(to, address + done, true, result);
                }
                memory.copyIn(to, from, at + done, bytesInPage(address, done, length));
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

    @Override
    public int compareAndExchange(Tlb tlb, long address, int bytes, long expected, long value, Loaded witness) {
        VcpuTlb cache = (VcpuTlb) tlb;
        cache.enter();
        try {
            long at = machineAddress(cache, address, true);
            if (at < 0) {
                return fault(at, address, true, witness);
            }
            witness.value = GuestWord.compareAndExchange(memory, at, bytes, expected, value);
            return 0;
        } finally {
            cache.leave();
        }
    }

    private static int bytesInFirstPage(long address, int bytes) {
        return Math.min(bytes, Page.SIZE - Page.offset(address));
    }

    /** Through the TLB; an entry that does not permit the access is walked anew, as the processor does. */
    private long machineAddress(VcpuTlb cache, long address, boolean write) {
        long page = Page.frame(address);
        long entry = cache.lookUp(page);
        if (!PageTableEntry.isPresent(entry) || (write && !PageTableEntry.isWritable(entry))) {
            entry = walk.translate(address, write);
            if (entry < 0) {
                return entry;
            }
            cache.fill(page, entry);
        }
        return Page.address(PageTableEntry.frameOf(entry)) | Page.offset(address);
    }

    /** The guest's kernel runs in ring 3, but Xen hides that: it never sees the user bit. */
    private static int fault(long reason, long address, boolean write, Loaded result) {
        result.faultAddress = address;
        if (reason == PageTableWalk.NOT_CANONICAL) {
            result.faultVector = GENERAL_PROTECTION;
            result.faultErrorCode = 0;
            return GENERAL_PROTECTION;
        }
        result.faultVector = PAGE_FAULT;
        result.faultErrorCode = (reason == PageTableWalk.NOT_PERMITTED ? ERROR_PRESENT : 0) | (write ? ERROR_WRITE : 0);
        return PAGE_FAULT;
    }

    @Override
    public long argument(long address, boolean write) {
        long entry = walk.translate(address, write);
        return entry < 0 ? NO_ARGUMENT : Page.address(PageTableEntry.frameOf(entry)) | Page.offset(address);
    }

    @Override
    public long entryAddress(long address) {
        return walk.entryOf(address);
    }

    // Birth and death.

    @Override
    public int enter(long rootMfn) {
        if (walk.rootFrame() != FrameTable.NONE) {
            return -Errno.EBUSY;
        }
        int error = tables.take(rootMfn, FrameTable.TYPE_L4);
        if (error == 0) {
            walk.startAt(rootMfn);
        }
        return error;
    }

    /** The guest's tables say what they cover: there is nothing to restrict. */
    @Override
    public void cover(long firstAddress, long bytes) {}

    @Override
    public void dispose() {
        walk.stop();
        shootdown.flushAll();
        tables.dropAll();
    }
}
