package grantlab.api.abi;

/** Domain ids with a meaning, xen/include/public/xen.h. */
public final class Domid {
    /** Ordinary domains are numbered below this. */
    public static final int FIRST_RESERVED = 0x7ff0;

    /** The caller, where a call accepts it. */
    public static final int SELF = 0x7ff0;

    /** Owner of device memory. */
    public static final int IO = 0x7ff1;

    /** The hypervisor. */
    public static final int XEN = 0x7ff2;

    /** Owner of shared pages. */
    public static final int COW = 0x7ff3;

    /** Nobody. */
    public static final int INVALID = 0x7ff4;

    /** The idle domain. */
    public static final int IDLE = 0x7fff;

    private Domid() {}
}
