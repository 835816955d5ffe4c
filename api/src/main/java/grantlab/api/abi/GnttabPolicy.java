package grantlab.api.abi;

/** The toolstack's gnt_policy, section 16.22 (grant-v3.md); little endian. */
public final class GnttabPolicy {
    /** Bytes of the struct. */
    public static final int SIZE = 16;

    /** In, 2 bytes: the grantee. */
    public static final int DOMID = 0;

    /** Zero, 2 bytes. */
    public static final int ZERO_2 = 2;

    /** In, 4 bytes: what its mappings by operation 0 accept: bit n CPU fate n, bit 16 + n device fate n. */
    public static final int FATES = 4;

    /** Zero, 8 bytes. */
    public static final int ZERO_8 = 8;

    /** Value: where device fates begin. */
    public static final int DEV_FATES_SHIFT = 16;

    private GnttabPolicy() {}
}
