package grantlab.virtio.queue;

/** A place in a packed ring, and the wrap counter of who is there (section 2.8.1). */
final class RingPosition {
    private final int size;
    private int at;
    private boolean wrap = true;

    RingPosition(int size) {
        this.size = size;
    }

    int at() {
        return at;
    }

    boolean wrap() {
        return wrap;
    }

    /** At most once around. */
    void advance(int descriptors) {
        at += descriptors;
        if (at >= size) {
            at -= size;
            wrap = !wrap;
        }
    }

    void set(RingPosition other) {
        at = other.at;
        wrap = other.wrap;
    }

    /** The marks of a descriptor that is made available here. */
    int available() {
        return wrap ? Descriptor.AVAIL : Descriptor.USED;
    }

    /** The marks of a descriptor that is used here. */
    int used() {
        return wrap ? Descriptor.AVAIL | Descriptor.USED : 0;
    }

    boolean isAvailable(int flags) {
        return (flags & (Descriptor.AVAIL | Descriptor.USED)) == available();
    }

    boolean isUsed(int flags) {
        return (flags & (Descriptor.AVAIL | Descriptor.USED)) == used();
    }
}
