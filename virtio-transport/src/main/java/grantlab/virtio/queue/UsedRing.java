package grantlab.virtio.queue;

/**
 * Offsets in the used ring, which the device writes (section 2.7.8). An element is one word: id 31:0, len 63:32; but it is
 * aligned to 4 bytes alone.
 *
 * <pre>
 *   0 flags   2 idx   4 ring[size]   4 + 8 size avail_event
 * </pre>
 */
final class UsedRing {
    static final int ALIGNMENT = 4;
    static final int FLAGS = 0;
    static final int INDEX = 2;

    /** VIRTQ_USED_F_NO_NOTIFY. */
    static final int NO_NOTIFY = 1;

    /** Offset of len in an element. */
    static final int LENGTH = 4;

    private static final int RING = 4;
    private static final int ELEMENT = 8;

    private UsedRing() {}

    static int bytes(int size) {
        return availEvent(size) + Short.BYTES;
    }

    /** Of a free-running index; the size is a power of two. */
    static int element(int index, int size) {
        return RING + (index & size - 1) * ELEMENT;
    }

    static int availEvent(int size) {
        return RING + size * ELEMENT;
    }
}
