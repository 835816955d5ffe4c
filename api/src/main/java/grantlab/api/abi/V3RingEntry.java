package grantlab.api.abi;

/** One entry of a ring, section 16.18 (grant-v3.md); little endian. */
public final class V3RingEntry {
    /** Bytes of the struct. */
    public static final int SIZE = 32;

    /** Out, 8 bytes: the first index, or what section 9 says for the type. */
    public static final int FIRST = 0;

    /** Out, 2 bytes: of the tree. */
    public static final int SLOT = 8;

    /** Out, 1 byte: of the tree. */
    public static final int GEN = 10;

    /** Out, 1 byte: 0 in 3.0. */
    public static final int FLAGS = 11;

    /** Out, 4 bytes: pages, or what section 9 says for the type. */
    public static final int COUNT = 12;

    /** Out, 2 bytes: what happened. */
    public static final int TYPE = 16;

    /** Out, 1 byte: of the leaf. */
    public static final int ORDER = 18;

    /** Out, 1 byte: what section 9 says for the type. */
    public static final int REASON = 19;

    /** Out, 4 bytes: low 32 bits of the position, plus 1; written last. */
    public static final int SEQ = 20;

    /** Out, 8 bytes: the tree's, or the call's; 0 in a grantee's ring. */
    public static final int COOKIE = 24;

    /** Type: to the granter: the last use of a NOTIFY leaf ended. */
    public static final int UNMAPPED = 1;

    /** Type: to the granter: a revocation is complete. */
    public static final int REVOKE_DONE = 2;

    /** Type: to the granter: a revocation is over and incomplete. */
    public static final int REVOKE_PARTIAL = 3;

    /** Type: to the granter: v3_set_access is complete. */
    public static final int DOWNGRADE_DONE = 4;

    /** Type: to the granter: the grantee died or was unbound. */
    public static final int GRANTEE_DEAD = 5;

    /** Type: to the granter: a virtual domid has a new domain. */
    public static final int VDOMID_REBOUND = 6;

    /** Type: to the granter: the grantee reached a bound of the tree. */
    public static final int QUOTA_HIT = 7;

    /** Type: to the grantee: please unmap. */
    public static final int REVOKE_REQUEST = 16;

    /** Type: to the grantee: mappings were taken. */
    public static final int REVOKED = 17;

    /** Type: to the grantee: mappings became read-only. */
    public static final int DOWNGRADED = 18;

    /** Type: to the grantee: an access to a mapping that was taken. */
    public static final int FAULT = 19;

    /** Type: not in 3.0. */
    public static final int AVAILABLE = 20;

    /** Type: to the grantee: the granter died. */
    public static final int GRANTER_DEAD = 21;

    /** Type: to the grantee: no new mappings. */
    public static final int TREE_PAUSED = 22;

    /** Type: to the grantee: new mappings again. */
    public static final int TREE_RESUMED = 23;

    /** Value: reason of FAULT. */
    public static final int FAULT_READ = 0;

    /** Value: reason of FAULT. */
    public static final int FAULT_WRITE = 1;

    /** Value: reason of FAULT. */
    public static final int FAULT_EXECUTE = 2;

    private V3RingEntry() {}
}
