package grantlab.conformance.fuzz;

import grantlab.api.memory.Page;
import grantlab.hypervisor.guest.GuestLayout;

/** The 2 MiB of memory in a row that some PVH domains have, and the hole of that size that all have. */
public final class Block {
    /** How many pages it has. */
    public static final int PAGES = 1 << Page.ORDER_2M;

    private Block() {}

    /**
     * How scripts write a frame of the block.
     *
     * @param page 0..511
     */
    public static String frame(int page) {
        return frame(GuestLayout.LARGE_BASE, page);
    }

    /**
     * How scripts write a frame number in the hole.
     *
     * @param page from its beginning
     */
    public static String hole(int page) {
        return frame(GuestLayout.LARGE_SLOTS, page);
    }

    /**
     * How scripts write an address in the block, or in the hole.
     *
     * @param hole which
     * @param page from the beginning
     */
    public static String address(boolean hole, int page) {
        return "0x" + Long.toHexString((hole ? GuestLayout.LARGE_SLOTS : GuestLayout.LARGE_BASE) + Page.address(page));
    }

    private static String frame(long base, int page) {
        return "0x" + Long.toHexString(Page.frame(base) + page);
    }
}
