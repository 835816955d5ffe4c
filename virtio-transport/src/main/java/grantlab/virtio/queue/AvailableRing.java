package grantlab.virtio.queue;

/**
 * Offsets in the available ring, which the driver writes (section 2.7.6).
 *
 * <pre>
 *   0 flags   2 idx   4 ring[size]   4 + 2 size used_event
 * </pre>
 */
final class AvailableRing {
    static final int ALIGNMENT = 2;
    static final int FLAGS = 0;
    static final int INDEX = 2;

    /** VIRTQ_AVAIL_F_NO_INTERRUPT. */
    static final int NO_INTERRUPT = 1;

    private static final int RING = 4;

    private AvailableRing() {}

    static int bytes(int size) {
        return usedEvent(size) + Short.BYTES;
    }

    /** Of a free-running index; the size is a power of two. */
    static int entry(int index, int size) {
        return RING + (index & size - 1) * Short.BYTES;
    }

    static int usedEvent(int size) {
        return RING + size * Short.BYTES;
    }
}
