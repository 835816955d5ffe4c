package grantlab.virtio.queue;

/**
 * The word by which a side of a packed queue says when it wants to be notified (sections 2.8.10 and 2.8.14): offset 14:0, wrap
 * counter 15, flags 17:16.
 */
final class EventSuppression {
    static final int SIZE = 4;

    /** RING_EVENT_FLAGS_ENABLE: always. */
    static final int ENABLE = 0;

    /** RING_EVENT_FLAGS_DISABLE: never. */
    static final int DISABLE = 1 << 16;

    /** RING_EVENT_FLAGS_DESC: when a descriptor is reached; with VIRTIO_F_EVENT_IDX alone. */
    static final int AT_DESCRIPTOR = 2 << 16;

    private static final int FLAGS = 3 << 16;
    private static final int WRAP = 1 << 15;

    private EventSuppression() {}

    static int at(int position, boolean wrap) {
        return AT_DESCRIPTOR | (wrap ? WRAP : 0) | position;
    }

    /**
     * Whether the other side wants to hear of what was written.
     *
     * @param word as it wrote it; the reserved value is taken for ENABLE: one notification too many hurts nobody
     * @param eventIndex whether that was negotiated
     * @param position where the writer is now
     * @param wrap its wrap counter now
     * @param written descriptors since it asked last
     * @param size of the ring
     */
    static boolean wants(long word, boolean eventIndex, int position, boolean wrap, int written, int size) {
        int flags = (int) word & FLAGS;
        if (flags == DISABLE) {
            return false;
        }
        if (flags != AT_DESCRIPTOR || !eventIndex) {
            return true;
        }
        int at = (int) word & WRAP - 1;
        boolean sameRound = ((word & WRAP) != 0) == wrap;
        return EventIndex.passed(sameRound ? at : at - size, position - written, position);
    }
}
