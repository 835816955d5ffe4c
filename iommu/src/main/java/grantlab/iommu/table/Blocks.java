package grantlab.iommu.table;

import grantlab.api.memory.Page;

/** Runs of {@code 2^order} frames, as tables hold them. */
public final class Blocks {
    private Blocks() {}

    /**
     * The first frame of the block around a frame.
     *
     * @param frame any
     * @param order of the block
     * @return aligned to the order
     */
    public static long first(long frame, int order) {
        return frame & -(1L << order);
    }

    /**
     * Where in its block a frame is.
     *
     * @param frame any
     * @param order of the block
     * @return 0..{@code 2^order - 1}
     */
    public static long within(long frame, int order) {
        return frame & (1L << order) - 1;
    }

    /** The engine aligns: what is not is its mistake, never a guest's. */
    static void requireAligned(long dfn, long mfn, int order) {
        if (order != Page.ORDER_4K && order != Page.ORDER_2M && order != Page.ORDER_1G) {
            throw new IllegalArgumentException("order " + order + " is none of 0, 9, 18");
        }
        if (within(dfn | mfn, order) != 0 || Long.compareUnsigned(mfn, Page.FRAME_LIMIT) >= 0) {
            throw new IllegalArgumentException("dfn 0x" + Long.toHexString(dfn) + " and mfn 0x" + Long.toHexString(mfn)
                    + " are not both frames aligned to order " + order);
        }
    }
}
