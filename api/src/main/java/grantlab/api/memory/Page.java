package grantlab.api.memory;

/** The one page size, and the orders in which maps hold larger blocks. */
public final class Page {
    /** log2 of the bytes in a page. */
    public static final int SHIFT = 12;

    /** Bytes in a page. */
    public static final int SIZE = 1 << SHIFT;

    /** The bits of an address inside its page. */
    public static final int OFFSET_MASK = SIZE - 1;

    /** One page of 4 KiB. */
    public static final int ORDER_4K = 0;

    /** 512 pages: 2 MiB. */
    public static final int ORDER_2M = 9;

    /** 262144 pages: 1 GiB. */
    public static final int ORDER_1G = 18;

    /** Machine frames are numbered below this. */
    public static final long FRAME_LIMIT = 1L << 40;

    private Page() {}

    /**
     * The frame that holds an address.
     *
     * @param address in bytes
     * @return its frame number
     */
    public static long frame(long address) {
        return address >>> SHIFT;
    }

    /**
     * The first byte of a frame.
     *
     * @param frame a frame number
     * @return its address in bytes
     */
    public static long address(long frame) {
        return frame << SHIFT;
    }

    /**
     * Where in its page an address points.
     *
     * @param address in bytes
     * @return 0..4095
     */
    public static int offset(long address) {
        return (int) address & OFFSET_MASK;
    }
}
