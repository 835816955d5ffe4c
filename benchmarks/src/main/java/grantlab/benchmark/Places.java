package grantlab.benchmark;

import grantlab.api.abi.V3Map;
import grantlab.api.memory.Page;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;

/**
 * Many places for mappings in one guest, numbered from 0, and the guest that has them: frame numbers of an HVM guest, entries of L1
 * tables of a PV guest.
 *
 * @param paging {@code hvm} or {@code pv}
 * @param count places
 */
record Places(String paging, int count) {
    /** Places in an L1 table: a run of them that begins at a multiple is in one. */
    static final int TABLE = 512;

    /** A frame number from which on nothing else is. */
    private static final long FIRST_FRAME = 1L << 20;

    private static final long BASE = 0x4000_0000L;
    private static final int ARGUMENTS = 5;
    private static final int TABLES = 8;
    private static final int UPPER_TABLES = 3;

    Places {
        if (paging.equals("pv") && count > TABLE * (TABLE - 2)) {
            throw new IllegalArgumentException("one L2 table is all that a PV guest has here");
        }
    }

    /** Where things are in the guest: the first table is for what is not ours, the holes of one page lie behind all others. */
    GuestLayout layout() {
        if (paging.equals("hvm")) {
            return GuestLayout.LABORATORY;
        }
        int tables = 2 + (count + TABLE - 1) / TABLE;
        int data = TABLES + UPPER_TABLES + tables;
        int pages = data + GuestLayout.NAMES;
        return new GuestLayout(BASE, pages, pages, ARGUMENTS, TABLES, data, tables * TABLE - GuestLayout.NAMES, 0);
    }

    /** What is to be said of a place when it is named. */
    int flags() {
        return paging.equals("hvm") ? 0 : V3Map.DEST_PTE;
    }

    /** A place, as v3_map names it. */
    long place(Guest guest, int n) {
        return paging.equals("hvm")
                ? FIRST_FRAME + n
                : guest.addressSpace().entryAddress(BASE + Page.address((long) TABLE + n));
    }
}
