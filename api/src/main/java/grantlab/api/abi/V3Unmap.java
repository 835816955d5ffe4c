package grantlab.api.abi;

/** The element of v3_unmap, section 16.8 (grant-v3.md); little endian. */
public final class V3Unmap {
    /** Bytes of the struct. */
    public static final int SIZE = 40;

    /** In, 8 bytes: as v3_map gave it. */
    public static final int HANDLE = 0;

    /** In, 4 bytes: first page of the part, counted from the first page of the map. */
    public static final int FIRST = 8;

    /** In, 4 bytes: pages of the part. */
    public static final int COUNT = 12;

    /** In, 4 bytes: none in 3.0. */
    public static final int FLAGS = 16;

    /** Out, 4 bytes: pages that were unmapped. */
    public static final int DONE = 20;

    /** Zero, 8 bytes. */
    public static final int ZERO_24 = 24;

    /** Out, 4 bytes: the answer. */
    public static final int STATUS = 32;

    /** Zero, 4 bytes. */
    public static final int ZERO_36 = 36;

    /** Flag: not in 3.0. */
    public static final int KEEP_RESERVED = 1;

    private V3Unmap() {}
}
