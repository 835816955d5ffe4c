package grantlab.api.abi;

/** The frame of an array of elements, section 16 (grant-v3.md); little endian. */
public final class V3Batch {
    /** Bytes of the struct. */
    public static final int SIZE = 32;

    /** In, 8 bytes: first frame of the array, which is consecutive in frame numbers. */
    public static final int FIRST_GFN = 8;

    /** In, 4 bytes: where in the first frame it begins. */
    public static final int OFFSET = 16;

    /** In, 4 bytes: elements. */
    public static final int COUNT = 20;

    /** Out, 4 bytes: elements that were worked on. */
    public static final int DONE = 24;

    /** In, 4 bytes. */
    public static final int ELEMENT_SIZE = 28;

    private V3Batch() {}
}
