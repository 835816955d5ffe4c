package grantlab.api.abi;

/** v3_grantee_ctl, section 16.19 (grant-v3.md); a field without its flag is 0; little endian. */
public final class V3GranteeCtl {
    /** Bytes of the struct. */
    public static final int SIZE = 48;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 4 bytes: with FAULT_MODE_SET: NONE or INJECT. */
    public static final int FAULT_MODE = 8;

    /** In, 4 bytes: with RING_SET: a ring of kind GRANTEE for granter's trees; all ones: none. */
    public static final int RING_ID = 12;

    /** In, 8 bytes: with RESERVE_SET: frame that holds the numbers of the reserve pages. */
    public static final int RESERVE_LIST_GFN = 16;

    /** In, 4 bytes: with RESERVE_SET: pages, at most 512; 0: none. */
    public static final int RESERVE_PAGES = 24;

    /** In, 4 bytes: with SHARE_SET: records that granter's trees may cost the caller; 0: the toolstack's share. */
    public static final int SHARE = 28;

    /** In, 2 bytes: with RING_SET or SHARE_SET: a domid or a virtual domid. */
    public static final int GRANTER = 32;

    /** Zero, 2 bytes. */
    public static final int ZERO_34 = 34;

    /** In, 4 bytes: with LEGACY_FATES_SET: what the caller's mappings by operation 0 accept. */
    public static final int LEGACY_FATES = 36;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 40;

    /** Zero, 4 bytes. */
    public static final int ZERO_44 = 44;

    /** Flag: fault_mode is valid. */
    public static final int FAULT_MODE_SET = 1;

    /** Flag: ring_id and granter are valid. */
    public static final int RING_SET = 1 << 1;

    /** Flag: reserve_list_gfn and reserve_pages are valid. */
    public static final int RESERVE_SET = 1 << 2;

    /** Flag: share and granter are valid. */
    public static final int SHARE_SET = 1 << 3;

    /** Flag: legacy_fates is valid. */
    public static final int LEGACY_FATES_SET = 1 << 4;

    /** Value: fault mode: none was chosen. */
    public static final int NONE = 0;

    /** Value: fault mode: the guest gets an exception. */
    public static final int INJECT = 1;

    private V3GranteeCtl() {}
}
