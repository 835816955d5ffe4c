package grantlab.paging.pv;

/** The bits of an x86-64 page-table entry, as the guest and the processor see them. */
final class PageTableEntry {
    static final long EMPTY = 0;

    static final long PRESENT = 1;
    static final long WRITABLE = 1 << 1;
    static final long USER = 1 << 2;
    static final long WRITE_THROUGH = 1 << 3;
    static final long CACHE_DISABLE = 1 << 4;
    static final long ACCESSED = 1 << 5;
    static final long DIRTY = 1 << 6;

    /** Bit 7 of an L1 entry: memory type. */
    static final long PAT = 1 << 7;

    /** Bit 7 of an L2 or L3 entry: no table below, but a superpage. PV guests have none. */
    static final long SUPERPAGE = 1 << 7;

    static final long GLOBAL = 1 << 8;

    /** Bits 9 to 11, which are the guest's. */
    static final long AVAILABLE = 7 << 9;

    static final int AVAILABLE_SHIFT = 9;

    /** Bits 52 to 62, which the processor ignores. */
    static final long AVAILABLE_HIGH = 0x7ffL << 52;

    /** Bit 52, Xen's mark of a kernel mapping: the user bit is always set, because PV kernels run in ring 3. */
    static final long GUEST_KERNEL = 1L << 52;

    /** Bit 62, which in Xen too is the hypervisor's mark of grant mappings: here of those of grants v3. */
    static final long V3_GRANT = 1L << 62;

    static final long NO_EXECUTE = 1L << 63;

    /** Bits that say how a page is cached: no guest without hardware of its own may set them. */
    static final long CACHE_ATTRIBUTES = WRITE_THROUGH | CACHE_DISABLE | PAT;

    private static final long FRAME_MASK = 0x000f_ffff_ffff_f000L;
    private static final int FRAME_SHIFT = 12;

    private PageTableEntry() {}

    static boolean isPresent(long entry) {
        return (entry & PRESENT) != 0;
    }

    static boolean isWritable(long entry) {
        return (entry & WRITABLE) != 0;
    }

    static long frameOf(long entry) {
        return (entry & FRAME_MASK) >>> FRAME_SHIFT;
    }

    static boolean maps(long entry, long mfn) {
        return isPresent(entry) && frameOf(entry) == mfn;
    }

    static long of(long mfn, long flags) {
        return ((mfn << FRAME_SHIFT) & FRAME_MASK) | flags;
    }

    /** The same flags on another frame. */
    static long withFrame(long entry, long mfn) {
        return of(mfn, entry & ~FRAME_MASK);
    }

    static long withWritable(long entry, boolean writable) {
        return writable ? entry | WRITABLE : entry & ~WRITABLE;
    }

    /**
     * What Xen makes of a present L1 entry of a 64-bit guest before it writes it: the user bit is always set; what
     * was no user page is marked as the kernel's, what was one is global (adjust_guest_l1e).
     */
    static long adjustL1(long entry) {
        long adjusted = (entry & USER) == 0 ? entry | GUEST_KERNEL | USER : entry;
        return (adjusted & GUEST_KERNEL) == 0 ? adjusted | GLOBAL : adjusted;
    }

    /** Bits that a present L1 entry must not have. */
    static final long FORBIDDEN_IN_L1 = CACHE_ATTRIBUTES;

    /** Bits that a present entry of a higher level must not have. */
    static final long FORBIDDEN_ABOVE_L1 = CACHE_ATTRIBUTES | SUPERPAGE | GLOBAL;

    /** L1 bits that may change without a new look at the frame (FASTPATH_FLAG_WHITELIST). */
    static final long HARMLESS_IN_L1 =
            NO_EXECUTE | (AVAILABLE_HIGH & ~V3_GRANT) | AVAILABLE | GLOBAL | DIRTY | ACCESSED | USER;
}
