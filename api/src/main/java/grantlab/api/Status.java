package grantlab.api;

/**
 * What a call answers. Zero is success, a negative number is what the guest sees: GNTST_* (xen/include/public/grant_table.h)
 * or, where a method says so, a negated {@link Errno}. A positive number is between the rooms of the hypervisor and never
 * reaches a guest: write-back asserts that (XSA-316 was a positive status that got out).
 */
public final class Status {
    /** GNTST_okay. */
    public static final int OKAY = 0;

    /** GNTST_general_error. */
    public static final int GENERAL_ERROR = -1;

    /** GNTST_bad_domain. */
    public static final int BAD_DOMAIN = -2;

    /** GNTST_bad_gntref. */
    public static final int BAD_GNTREF = -3;

    /** GNTST_bad_handle. */
    public static final int BAD_HANDLE = -4;

    /** GNTST_bad_virt_addr: only setup_table and get_status_frames answer it. */
    public static final int BAD_VIRT_ADDR = -5;

    /** GNTST_bad_dev_addr. */
    public static final int BAD_DEV_ADDR = -6;

    /** GNTST_no_device_space: Xen never answers it. */
    public static final int NO_DEVICE_SPACE = -7;

    /** GNTST_permission_denied. */
    public static final int PERMISSION_DENIED = -8;

    /** GNTST_bad_page. */
    public static final int BAD_PAGE = -9;

    /** GNTST_bad_copy_arg. */
    public static final int BAD_COPY_ARG = -10;

    /** GNTST_address_too_big. */
    public static final int ADDRESS_TOO_BIG = -11;

    /** GNTST_eagain. */
    public static final int EAGAIN = -12;

    /** GNTST_no_space. */
    public static final int NO_SPACE = -13;

    /** Grants v3: a generation or an epoch is outdated. */
    public static final int STALE = -14;

    /** Grants v3: the leaf was taken back. */
    public static final int REVOKED = -15;

    /** Grants v3: nobody opted in. */
    public static final int NOT_REVOCABLE = -16;

    /** Grants v3: in use, or a conflicting call is under way. */
    public static final int BUSY = -17;

    /** Grants v3: no such tree, or not for this caller. */
    public static final int BAD_TREE = -18;

    /** Grants v3: order, alignment, partial leaf, overflow of a count. */
    public static final int BAD_SIZE = -19;

    /** Grants v3: a quota is used up. */
    public static final int QUOTA = -20;

    /** Grants v3: a shared word kept changing. */
    public static final int UNSTABLE = -21;

    /** Grants v3: unknown flag, size or feature. */
    public static final int UNSUPPORTED = -22;

    /** Grants v3: the tree is paused or unbound. */
    public static final int PAUSED = -23;

    /** Grants v3: reserved bits are not zero. */
    public static final int INVAL = -24;

    /** Grants v3: taken back, and yet a page has references that no record explains. */
    public static final int RESIDUAL = -25;

    /** Grants v3: a counter of uses is full. */
    public static final int OVERFLOW = -26;

    /** Inside only: the calling domain must be crashed. The element's status is GENERAL_ERROR, as Xen writes it. */
    public static final int CRASH_CALLER = 1;

    /** Inside only: the world moved while a lock was dropped; start this element again. */
    public static final int RETRY = 2;

    /** Inside only: the place did not hold what the caller believed; nothing was changed. */
    public static final int GONE = 3;

    /** Inside only: the entry is marked and leads to somebody else's reference; nothing is pinned yet. */
    public static final int HOP = 4;

    /** Inside only: done, and the cache of an IOMMU may remember what stood there: queue an invalidation. */
    public static final int MODIFIED = 5;

    /** Inside only: done, and a device that did not answer in time was cut off for it. */
    public static final int QUARANTINED = 6;

    private Status() {}
}
