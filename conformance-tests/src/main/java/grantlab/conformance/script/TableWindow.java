package grantlab.conformance.script;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;

/**
 * The frames of one domain's table that d0 has mapped to look at them. As any mapping, each holds a reference: a frame
 * that its owner gives back while d0 looks at it stays, and one that was given back before can no longer be mapped.
 */
final class TableWindow {
    /** How many frames d0 maps of a table at most. */
    static final int FRAMES = 64;

    private final long[] mapped = new long[FRAMES];

    /**
     * Maps a frame that is not mapped.
     *
     * @param index of the frame in the table
     * @param mfn the frame
     * @param owner the domain that it must belong to
     * @param frames the machine's
     * @return false when the frame cannot be had any more
     */
    boolean open(int index, long mfn, int owner, FrameTable frames) {
        boolean had = frames.get(mfn, Page.ORDER_4K, owner);
        if (had) {
            mapped[index] = mfn;
        }
        return had;
    }

    /** Whether a frame is mapped. */
    boolean isOpen(int index) {
        return mapped[index] != 0;
    }

    /** Whether one of the frames is this one. */
    boolean holds(long mfn) {
        for (long held : mapped) {
            if (held == mfn && mfn != 0) {
                return true;
            }
        }
        return false;
    }

    /** Unmaps everything. */
    void close(FrameTable frames) {
        for (int index = 0; index < FRAMES; index++) {
            if (mapped[index] != 0) {
                frames.put(mapped[index], Page.ORDER_4K);
                mapped[index] = 0;
            }
        }
    }
}
