package grantlab.api.abi;

/** Type and flags of a grant entry, xen/include/public/grant_table.h. */
public final class Gtf {
    /** GTF_invalid: grants nothing. */
    public static final int INVALID = 0;

    /** GTF_permit_access. */
    public static final int PERMIT_ACCESS = 1;

    /** GTF_accept_transfer. */
    public static final int ACCEPT_TRANSFER = 2;

    /** GTF_transitive: version 2 only. */
    public static final int TRANSITIVE = 3;

    /** The bits of the type. */
    public static final int TYPE_MASK = 3;

    /** GTF_readonly. */
    public static final int READONLY = 4;

    /** GTF_reading: set by Xen. */
    public static final int READING = 8;

    /** GTF_writing: set by Xen. */
    public static final int WRITING = 16;

    /** GTF_PWT: ignored. */
    public static final int PWT = 0x20;

    /** GTF_PCD: ignored. */
    public static final int PCD = 0x40;

    /** GTF_PAT: ignored. */
    public static final int PAT = 0x80;

    /** GTF_sub_page. */
    public static final int SUB_PAGE = 0x100;

    /** GTF_transfer_committed: of accept_transfer. */
    public static final int TRANSFER_COMMITTED = 4;

    /** GTF_transfer_completed: of accept_transfer. */
    public static final int TRANSFER_COMPLETED = 8;

    private Gtf() {}
}
