package grantlab.api.abi;

/** The element of v3_unmap, section 16 (grant-v3.md); little endian. */
public final class V3Unmap {
    /** Bytes of the struct. */
    public static final int SIZE = 40;

    /** In, 8 bytes. */
    public static final int HANDLE = 0;

    /** In, 4 bytes: first page of the part. */
    public static final int FIRST = 8;

    /** In, 4 bytes: pages of the part. */
    public static final int COUNT = 12;

    /** In, 4 bytes. */
    public static final int FLAGS = 16;

    /** Out, 4 bytes. */
    public static final int DONE = 20;

    /** Out, 4 bytes. */
    public static final int STATUS = 32;

    private V3Unmap() {}
}
