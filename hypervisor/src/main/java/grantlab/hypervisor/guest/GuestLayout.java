package grantlab.hypervisor.guest;

import grantlab.api.memory.Page;

/**
 * Where things are in a guest. All guests have 64 data pages {@code p0..p63} and 64 holes {@code m0..m63} for mappings, as
 * in the recordings of real Xen. Positions are pages from the base.
 *
 * @param base guest address of the region; a multiple of 2 MiB
 * @param pages pages of memory that the guest owns at boot
 * @param mapped of those, how many a PV guest maps at base onward
 * @param argumentIndex two pages for arguments of hypercalls, and one for lists after them
 * @param tablesIndex first page-table page: L4, L3, L2, then the L1 tables
 * @param dataIndex p0
 * @param slotIndex m0
 * @param largePages blocks of 2 MiB, and as many holes of 2 MiB, where frame numbers are the guest's own
 */
public record GuestLayout(
        long base,
        int pages,
        int mapped,
        int argumentIndex,
        int tablesIndex,
        int dataIndex,
        int slotIndex,
        int largePages) {
    /** Data pages, and holes. */
    public static final int NAMES = 64;

    /** The control domain of the recordings: 48 MiB, the first 4 MiB of address space mapped. */
    public static final GuestLayout CONTROL_DOMAIN = new GuestLayout(0, 12288, 1024, 0x100, 1024, 0x110, 0x150, 0);

    /** Every other domain of the recordings: 80 pages at 1 GiB. */
    public static final GuestLayout LABORATORY = new GuestLayout(0x4000_0000L, 80, 80, 5, 8, 16, 128, 0);

    /** Guest address of the first block of 2 MiB. */
    public static final long LARGE_BASE = 0x8000_0000L;

    /** Guest address of the first hole of 2 MiB. */
    public static final long LARGE_SLOTS = 0xc000_0000L;

    /** Bytes of a block of order 9. */
    public static final long LARGE_BYTES = (long) Page.SIZE << Page.ORDER_2M;

    /**
     * With blocks and holes of 2 MiB.
     *
     * @param count of each
     */
    public GuestLayout withLargePages(int count) {
        return new GuestLayout(base, pages, mapped, argumentIndex, tablesIndex, dataIndex, slotIndex, count);
    }

    /**
     * Guest address of a page.
     *
     * @param index from the base
     */
    long address(int index) {
        return base + Page.address(index);
    }

    /** L1 tables that the region needs, a table for 2 MiB. */
    int levelOneTables() {
        int span = Math.max(mapped, slotIndex + NAMES);
        return (span + 511) / 512;
    }
}
