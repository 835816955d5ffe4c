package grantlab.p2m.frame;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The free frames of one region. First fit: the lowest frame, or block, that will do. Guarded by the books of the frame
 * table.
 */
final class FreeFrames {
    private final Allocatable allocatable;
    private final long firstMfn;

    /** Chunks with a free frame. */
    private final BitSet room = new BitSet(Region.CHUNKS);

    /** Chunks with nothing but free frames. */
    private final BitSet whole = new BitSet(Region.CHUNKS);

    /** How many frames of each chunk are free. */
    private final int[] count = new int[Region.CHUNKS];

    /** The free frames of each chunk; null as long as none was ever taken. */
    private final @Nullable BitSet[] chunks = new BitSet[Region.CHUNKS];

    FreeFrames(Allocatable allocatable, long firstMfn) {
        this.allocatable = allocatable;
        this.firstMfn = firstMfn;
        for (int chunk = 0; chunk < Region.CHUNKS; chunk++) {
            counted(chunk, (int) allocatable.count(mfn(chunk, 0), mfn(chunk + 1, 0)));
        }
    }

    private void counted(int chunk, int free) {
        count[chunk] = free;
        room.set(chunk, free > 0);
        whole.set(chunk, free == Region.CHUNK_FRAMES);
    }

    /**
     * Takes frames.
     *
     * @param order 0, 9 or 18
     * @param lowest a frame of this region; nothing below is taken
     * @return the first frame, aligned to the order; or NONE
     */
    long take(int order, long lowest) {
        return switch (order) {
            case Page.ORDER_4K -> takeFrame(lowest);
            case Page.ORDER_2M -> takeChunk(lowest);
            default -> takeRegion(lowest);
        };
    }

    private long takeFrame(long lowest) {
        int from = (int) (lowest & (Region.CHUNK_FRAMES - 1));
        for (int chunk = room.nextSetBit(Region.chunkIndex(lowest)); chunk >= 0; chunk = room.nextSetBit(chunk + 1)) {
            BitSet frames = frames(chunk);
            int frame = frames.nextSetBit(chunk == Region.chunkIndex(lowest) ? from : 0);
            if (frame >= 0) {
                frames.clear(frame);
                counted(chunk, count[chunk] - 1);
                return mfn(chunk, frame);
            }
        }
        return FrameTable.NONE;
    }

    private long takeChunk(long lowest) {
        long aligned = lowest + (-lowest & (Region.CHUNK_FRAMES - 1));
        if (aligned >= mfn(Region.CHUNKS, 0)) {
            return FrameTable.NONE;
        }
        int chunk = whole.nextSetBit(Region.chunkIndex(aligned));
        if (chunk < 0) {
            return FrameTable.NONE;
        }
        takeWhole(chunk);
        return mfn(chunk, 0);
    }

    private long takeRegion(long lowest) {
        if (lowest > firstMfn || whole.cardinality() != Region.CHUNKS) {
            return FrameTable.NONE;
        }
        for (int chunk = 0; chunk < Region.CHUNKS; chunk++) {
            takeWhole(chunk);
        }
        return firstMfn;
    }

    private void takeWhole(int chunk) {
        chunks[chunk] = new BitSet(Region.CHUNK_FRAMES);
        counted(chunk, 0);
    }

    /** Gives one frame back, however it was taken. */
    void give(long mfn) {
        int chunk = Region.chunkIndex(mfn);
        BitSet frames = frames(chunk);
        frames.set((int) mfn & (Region.CHUNK_FRAMES - 1));
        counted(chunk, count[chunk] + 1);
    }

    private BitSet frames(int chunk) {
        BitSet frames = chunks[chunk];
        if (frames == null) {
            frames = new BitSet(Region.CHUNK_FRAMES);
            for (int frame = 0; frame < Region.CHUNK_FRAMES; frame++) {
                frames.set(frame, allocatable.contains(mfn(chunk, frame)));
            }
            chunks[chunk] = frames;
        }
        return frames;
    }

    private long mfn(int chunk, int frame) {
        return firstMfn + ((long) chunk << Region.CHUNK_SHIFT) + frame;
    }
}
