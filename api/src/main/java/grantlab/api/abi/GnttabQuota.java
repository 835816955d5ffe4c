package grantlab.api.abi;

/** The toolstack's gnt_quota, section 16.21 (grant-v3.md); little endian. */
public final class GnttabQuota {
    /** Bytes of the struct. */
    public static final int SIZE = 16;

    /** In, 2 bytes: whose pool. */
    public static final int DOMID = 0;

    /** In, 2 bytes: trees that the domain may have, at most 4095; 0: 64. */
    public static final int TREES = 2;

    /** In, 4 bytes: records that one granter's trees may cost the domain; 0: no bound but the pool. */
    public static final int SHARE = 4;

    /** In, 8 bytes: pages of the pool. */
    public static final int PAGES = 8;

    private GnttabQuota() {}
}
