package grantlab.api.abi;

/** Numbers of hypercalls, xen/include/public/xen.h. */
public final class Hypercall {
    /** XENMEM calls. */
    public static final int MEMORY_OP = 12;

    /** One page-table entry, by linear address (PV). */
    public static final int UPDATE_VA_MAPPING = 14;

    /** GNTTABOP calls. */
    public static final int GRANT_TABLE_OP = 20;

    /** One page-table entry, by linear address, to a frame of another domain (PV). */
    public static final int UPDATE_VA_MAPPING_OTHERDOMAIN = 22;

    /** Calls of the toolstack; here those of grants v3 alone ({@link Domctl}). */
    public static final int DOMCTL = 36;

    /** Yield. */
    public static final int SCHED_OP = 29;

    private Hypercall() {}
}
