package grantlab.api.abi;

/** The toolstack's vdomid_bind, section 16.20 (grant-v3.md); little endian. */
public final class VdomidBind {
    /** Bytes of the struct. */
    public static final int SIZE = 24;

    /** In, 2 bytes: whose virtual domid it is. */
    public static final int OWNER = 0;

    /** In, 2 bytes: 0x8000..0x8fff. */
    public static final int VDOMID = 2;

    /** In, 2 bytes: the domain behind it; DOMID_INVALID: none. */
    public static final int REAL = 4;

    /** In, 2 bytes: a mask of the flags below. */
    public static final int FLAGS = 6;

    /** Out, 4 bytes: of the binding. */
    public static final int EPOCH = 8;

    /** Zero, 4 bytes. */
    public static final int ZERO_12 = 12;

    /** Zero, 8 bytes. */
    public static final int ZERO_16 = 16;

    /** Flag: trees of this binding go on without being resumed. */
    public static final int AUTO_RESUME = 1;

    /** Flag: live mappings are dropped. */
    public static final int FORCE = 1 << 1;

    /** Value: the lowest virtual domid. */
    public static final int FIRST_VIRTUAL = 0x8000;

    /** Value: virtual domids of a domain. */
    public static final int VIRTUALS = 4096;

    private VdomidBind() {}
}
