package grantlab.api.abi;

/** The frame of an array of elements (v3_map, v3_unmap, v3_copy), section 16.2 (grant-v3.md); little endian. */
public final class V3Batch {
    /** Bytes of the struct. */
    public static final int SIZE = 32;

    /** In, 8 bytes: the head ({@link V3Head}). */
    public static final int HEAD = 0;

    /** In, 8 bytes: frame in which the array lies. */
    public static final int FIRST_GFN = 8;

    /** In, 4 bytes: where in the frame it begins, in bytes, a multiple of 8. */
    public static final int OFFSET = 16;

    /** In, 4 bytes: elements. */
    public static final int COUNT = 20;

    /** Out, 4 bytes: elements that were finished, with success or without. */
    public static final int DONE = 24;

    /** In, 4 bytes: bytes of one element. */
    public static final int ELEMENT_SIZE = 28;

    private V3Batch() {}
}
