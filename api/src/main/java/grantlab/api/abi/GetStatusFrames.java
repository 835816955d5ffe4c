package grantlab.api.abi;

/** struct gnttab_get_status_frames, xen/include/public/grant_table.h; little endian, 64-bit callers. */
public final class GetStatusFrames {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 16;

    /** In, 4 bytes: frames wanted. */
    public static final int NR_FRAMES = 0;

    /** In, 2 bytes: whose table. */
    public static final int DOM = 4;

    /** Out, 2 bytes: GNTST. */
    public static final int STATUS = 6;

    /** In, 8 bytes: guest address of 8-byte frame numbers. */
    public static final int FRAME_LIST = 8;

    private GetStatusFrames() {}
}
