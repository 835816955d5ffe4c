package grantlab.virtio.queue;

/**
 * Where the three parts of a queue are (section 2.6), as one side sees them.
 *
 * @param size entries of the queue
 * @param descriptors the descriptor area: table or ring
 * @param driverArea what the driver writes: the available ring, or the driver's event suppression
 * @param deviceArea what the device writes: the used ring, or the device's event suppression
 */
public record QueueLayout(int size, long descriptors, long driverArea, long deviceArea) {
    /** The largest queue. */
    public static final int LARGEST = 1 << 15;

    private static final int DESCRIPTORS_ALIGNMENT = 16;

    /** Checks the size. */
    public QueueLayout {
        if (size < 1 || size > LARGEST) {
            throw new IllegalArgumentException("a queue has 1.." + LARGEST + " entries, not " + size);
        }
    }

    /**
     * Bytes of the descriptor area.
     *
     * @return 16 for each entry
     */
    public int descriptorsBytes() {
        return size * Descriptor.SIZE;
    }

    /**
     * Bytes of the area that the driver writes.
     *
     * @param packed or split
     * @return as sections 2.7 and 2.8.10.1 say
     */
    public int driverAreaBytes(boolean packed) {
        return packed ? EventSuppression.SIZE : AvailableRing.bytes(size);
    }

    /**
     * Bytes of the area that the device writes.
     *
     * @param packed or split
     * @return as sections 2.7 and 2.8.10.1 say
     */
    public int deviceAreaBytes(boolean packed) {
        return packed ? EventSuppression.SIZE : UsedRing.bytes(size);
    }

    /**
     * Whether the parts stand where they may (sections 2.7 and 2.8.10.1), and a split queue has a size that it can have.
     *
     * @param packed or split
     * @return if so
     */
    public boolean fits(boolean packed) {
        return packed
                ? isAligned(descriptors, DESCRIPTORS_ALIGNMENT)
                        && isAligned(driverArea, EventSuppression.SIZE)
                        && isAligned(deviceArea, EventSuppression.SIZE)
                : isPowerOfTwo(size)
                        && isAligned(descriptors, DESCRIPTORS_ALIGNMENT)
                        && isAligned(driverArea, AvailableRing.ALIGNMENT)
                        && isAligned(deviceArea, UsedRing.ALIGNMENT);
    }

    /** Refuses what does not fit. */
    QueueLayout checked(boolean packed) {
        if (!fits(packed)) {
            throw new IllegalArgumentException((packed ? "a packed" : "a split") + " queue cannot stand at " + this);
        }
        return this;
    }

    private static boolean isPowerOfTwo(int number) {
        return Integer.bitCount(number) == 1;
    }

    private static boolean isAligned(long address, int alignment) {
        return (address & alignment - 1) == 0;
    }
}
