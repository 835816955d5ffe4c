package grantlab.api.memory;

import java.util.List;

/**
 * Where the machine has RAM. Extents are sparse: memory is spent only on what is touched.
 *
 * @param extents in ascending order, disjoint
 */
public record RamLayout(List<Extent> extents) {
    /** Frames of the first extent below this are firmware's: RAM that nobody owns and nobody gets. */
    public static final long FIRMWARE_FRAMES = 256;

    /**
     * The usual machine: 512 MiB from frame 0, as the recordings of Xen were made with, and 256 MiB above 16 TiB, so that
     * frame numbers of more than 32 bits exist.
     */
    public static final RamLayout USUAL =
            new RamLayout(List.of(new Extent(0, 1L << 17), new Extent(1L << 32, 1L << 16)));

    /** Checks the extents. */
    public RamLayout {
        extents = List.copyOf(extents);
        if (extents.isEmpty()) {
            throw new IllegalArgumentException("RAM needs at least one extent");
        }
        long end = 0;
        for (Extent extent : extents) {
            if (extent.firstMfn() < end) {
                throw new IllegalArgumentException("RAM extents must ascend and not overlap: " + extents);
            }
            end = extent.firstMfn() + extent.frames();
        }
    }

    /**
     * A run of frames.
     *
     * @param firstMfn its first machine frame
     * @param frames how many, at least one
     */
    public record Extent(long firstMfn, long frames) {
        /** Checks the bounds. */
        public Extent {
            if (firstMfn < 0 || frames < 1 || firstMfn + frames > Page.FRAME_LIMIT) {
                throw new IllegalArgumentException("extent " + firstMfn + "+" + frames + " is not within 0.."
                        + Page.FRAME_LIMIT + " machine frames");
            }
        }
    }
}
