package grantlab.api.abi;

/** Numbers of the operations of grant_table_op: xen/include/public/grant_table.h, and from 13 on grant-v3.md, section 2. */
public final class GnttabOp {
    /** GNTTABOP_map_grant_ref. */
    public static final int MAP_GRANT_REF = 0;

    /** GNTTABOP_unmap_grant_ref. */
    public static final int UNMAP_GRANT_REF = 1;

    /** GNTTABOP_setup_table. */
    public static final int SETUP_TABLE = 2;

    /** GNTTABOP_dump_table. */
    public static final int DUMP_TABLE = 3;

    /** GNTTABOP_transfer. */
    public static final int TRANSFER = 4;

    /** GNTTABOP_copy. */
    public static final int COPY = 5;

    /** GNTTABOP_query_size. */
    public static final int QUERY_SIZE = 6;

    /** GNTTABOP_unmap_and_replace. */
    public static final int UNMAP_AND_REPLACE = 7;

    /** GNTTABOP_set_version. */
    public static final int SET_VERSION = 8;

    /** GNTTABOP_get_status_frames. */
    public static final int GET_STATUS_FRAMES = 9;

    /** GNTTABOP_get_version. */
    public static final int GET_VERSION = 10;

    /** GNTTABOP_swap_grant_ref. */
    public static final int SWAP_GRANT_REF = 11;

    /** GNTTABOP_cache_flush. */
    public static final int CACHE_FLUSH = 12;

    /** v3_query. */
    public static final int V3_QUERY = 13;

    /** v3_tree_create. */
    public static final int V3_TREE_CREATE = 14;

    /** v3_tree_update. */
    public static final int V3_TREE_UPDATE = 15;

    /** v3_tree_destroy. */
    public static final int V3_TREE_DESTROY = 16;

    /** v3_map. */
    public static final int V3_MAP = 17;

    /** v3_unmap. */
    public static final int V3_UNMAP = 18;

    /** v3_copy. */
    public static final int V3_COPY = 19;

    /** v3_revoke. */
    public static final int V3_REVOKE = 20;

    /** v3_set_access. */
    public static final int V3_SET_ACCESS = 21;

    /** v3_invalidate. */
    public static final int V3_INVALIDATE = 22;

    /** v3_sync. */
    public static final int V3_SYNC = 23;

    /** v3_probe. */
    public static final int V3_PROBE = 24;

    /** v3_ring_register. */
    public static final int V3_RING_REGISTER = 25;

    /** v3_grantee_ctl. */
    public static final int V3_GRANTEE_CTL = 26;

    /** The bits of the command that name the operation; the rest is a continuation's. */
    public static final int COMMAND_MASK = 0xfff;

    private GnttabOp() {}
}
