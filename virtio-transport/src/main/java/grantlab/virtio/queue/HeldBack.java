package grantlab.virtio.queue;

/**
 * The half descriptor that shows all that was written into a packed ring after it: the other side looks at one place alone, the
 * next (section 2.8.2), so what comes behind may be complete already.
 */
final class HeldBack {
    private final QueueWords words;
    private long address;
    private long rest;
    private int written;

    HeldBack(QueueWords words) {
        this.words = words;
    }

    /** Descriptors that were written since it was shown. */
    int written() {
        return written;
    }

    /**
     * The first descriptor of something is complete but for this word.
     *
     * @param descriptors that the other side passes with it
     */
    void write(long descriptorAddress, long descriptorRest, int descriptors) {
        if (written == 0) {
            address = descriptorAddress;
            rest = descriptorRest;
        } else {
            words.store64(descriptorAddress + Descriptor.REST, descriptorRest);
        }
        written += descriptors;
    }

    /** Shows it, and all that is behind it. */
    void show() {
        words.store64(address + Descriptor.REST, rest);
        written = 0;
    }
}
