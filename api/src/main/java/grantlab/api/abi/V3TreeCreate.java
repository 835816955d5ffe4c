package grantlab.api.abi;

/** v3_tree_create, section 16.4 (grant-v3.md); little endian. */
public final class V3TreeCreate {
    /** Bytes of the struct. */
    public static final int SIZE = 96;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 2 bytes: who is granted to: a domid or a virtual domid. */
    public static final int PEER = 8;

    /** In, 1 byte: 1..4. */
    public static final int LEVELS = 10;

    /** In, 1 byte: 12. */
    public static final int PAGE_SHIFT = 11;

    /** In and out, 2 bytes: 1..4095; in with FIXED_ID, else 0. */
    public static final int SLOT = 12;

    /** In and out, 1 byte: generation of the slot; in with FIXED_ID, else 0. */
    public static final int GEN = 14;

    /** Zero, 1 byte. */
    public static final int ZERO_15 = 15;

    /** In, 8 bytes: the root node. */
    public static final int ROOT_GFN = 16;

    /** In, 8 bytes: exclusive, in pages. */
    public static final int INDEX_LIMIT = 24;

    /** In, 8 bytes: records that the grantee may hold on the tree; 0: 2^16. */
    public static final int MAX_MAPPINGS = 32;

    /** In, 8 bytes: comes back in entries of the granter's ring. */
    public static final int COOKIE = 40;

    /** In, 4 bytes: a ring of the caller; all ones: none. */
    public static final int RING_ID = 48;

    /** In, 4 bytes: the device that the tree is for, with DEVICE; all ones: none. */
    public static final int DEV_ID = 52;

    /** In, 8 bytes: leaves that may be in use at once; 0: 2^16. */
    public static final int MAX_ACTIVE = 56;

    /** Out, 4 bytes: epoch of the binding of a virtual domid; else 0. */
    public static final int PEER_EPOCH = 64;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 68;

    /** Out, 8 bytes: reference of index 0. */
    public static final int BASE_REF = 72;

    /** Zero, 16 bytes. */
    public static final int ZERO_80 = 80;

    /** Flag: slot and generation are chosen by the caller. */
    public static final int FIXED_ID = 1;

    /** Flag: only mappings that accept a fate; FORCE may take them. */
    public static final int REVOCABLE_ONLY = 1 << 1;

    /** Flag: dev_id is valid. */
    public static final int DEVICE = 1 << 2;

    /** Flag: leaves of level 2 and 3 are allowed. */
    public static final int LARGE_OK = 1 << 3;

    /** Flag: not in 3.0. */
    public static final int LEND = 1 << 4;

    /** Flag: the death of the granter takes everything back. */
    public static final int REVOKE_ON_DEATH = 1 << 5;

    /** Flag: a new binding of the virtual domid does not pause the tree. */
    public static final int AUTO_RESUME = 1 << 6;

    /** Flag: begins paused. */
    public static final int PAUSED = 1 << 7;

    /** Value: no ring, no device. */
    public static final long NONE = 0xffff_ffffL;

    private V3TreeCreate() {}
}
