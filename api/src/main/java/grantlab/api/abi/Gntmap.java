package grantlab.api.abi;

/** Flags of a map request, xen/include/public/grant_table.h. */
public final class Gntmap {
    /** GNTMAP_device_map: for devices. */
    public static final int DEVICE_MAP = 1;

    /** GNTMAP_host_map: for the CPU. */
    public static final int HOST_MAP = 2;

    /** GNTMAP_readonly. */
    public static final int READONLY = 4;

    /** GNTMAP_application_map: for guest user space (PV). */
    public static final int APPLICATION_MAP = 8;

    /** GNTMAP_contains_pte: the address is that of the entry (PV). */
    public static final int CONTAINS_PTE = 16;

    /** Where the bits for the entry's available bits begin. */
    public static final int GUEST_AVAIL_SHIFT = 16;

    /** The bits that the tracking record remembers. */
    public static final int RECORDED = 0xffff;

    private Gntmap() {}
}
