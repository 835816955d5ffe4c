package grantlab.api.abi;

/** v3_revoke, section 16.10 (grant-v3.md); little endian. */
public final class V3Revoke {
    /** Bytes of the struct. */
    public static final int SIZE = 96;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 2 bytes: of the tree; 0: the flat table. */
    public static final int SLOT = 8;

    /** In, 1 byte: of the tree; 0 for slot 0. */
    public static final int GEN = 10;

    /** In, 1 byte: what becomes of mappings for the CPU. */
    public static final int CPU_FATE = 11;

    /** In, 1 byte: what becomes of mappings for devices. */
    public static final int DEV_FATE = 12;

    /** Zero, 3 bytes. */
    public static final int ZERO_13 = 13;

    /** In, 8 bytes: first index, in pages; 0 with WHOLE_TREE. */
    public static final int FIRST = 16;

    /** In, 8 bytes: pages, at most 2^18; 0 with WHOLE_TREE. */
    public static final int COUNT = 24;

    /** In, 8 bytes: the caller's page that swallows writes; all ones: none. */
    public static final int SCRATCH_GFN = 32;

    /** Zero, 8 bytes. */
    public static final int ZERO_40 = 40;

    /** In, 8 bytes: comes back in the entry of the ring that says that it is over. */
    public static final int COOKIE = 48;

    /** In and out, 8 bytes: 0 at first; out: names this revocation, or the one in whose way it is. */
    public static final int REVOKE_ID = 56;

    /** In and out, 8 bytes: the restart cursor, 0 at first. */
    public static final int DONE = 64;

    /** Out, 4 bytes: mappings that were replaced. */
    public static final int REPLACED = 72;

    /** Out, 4 bytes: mappings that were removed. */
    public static final int UNMAPPED = 76;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 80;

    /** Out, 4 bytes: a mask of the result flags below. */
    public static final int RESULT = 84;

    /** Zero, 8 bytes. */
    public static final int ZERO_88 = 88;

    /** Flag: asks the grantee. */
    public static final int SOFT = 1;

    /** Flag: takes. */
    public static final int FORCE = 1 << 1;

    /** Flag: does not wait for devices; the ring says when it is over. */
    public static final int ASYNC = 1 << 2;

    /** Flag: every leaf. */
    public static final int WHOLE_TREE = 1 << 3;

    /** Flag: not in 3.0. */
    public static final int KEEP_LEAF = 1 << 4;

    /** Flag: not in 3.0. */
    public static final int QUERY_ONLY = 1 << 5;

    /** Value: CPU fate: the mapping goes, an access faults. */
    public static final int CPU_FAULT = 0;

    /** Value: CPU fate: zeros take the place. */
    public static final int CPU_ZERO = 1;

    /** Value: CPU fate: a copy takes the place. */
    public static final int CPU_SNAPSHOT = 2;

    /** Value: device fate: reads and writes fault. */
    public static final int DEV_BLOCK = 0;

    /** Value: device fate: writes go to the scratch page, reads fault. */
    public static final int DEV_SINK_WO = 1;

    /** Value: of scratch_gfn: none. */
    public static final long NO_SCRATCH = -1L;

    /** Result flag: the grantee was asked and has not let go of everything. */
    public static final int SOFT_PENDING = 1;

    /** Result flag: accesses of devices may be under way. */
    public static final int DRAIN_PENDING = 1 << 1;

    /** Result flag: references that no record explains: a page is not private. */
    public static final int RESIDUAL_REFS = 1 << 2;

    /** Result flag: a device did not get SINK_WO. */
    public static final int FELL_BACK_TO_BLOCK = 1 << 3;

    private V3Revoke() {}
}
