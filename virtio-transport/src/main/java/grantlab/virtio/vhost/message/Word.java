package grantlab.virtio.vhost.message;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8 bytes: a set of features, the number of a ring, whether something was done.
 *
 * @param value of them
 */
public record Word(long value) implements Payload {
    /** Bytes of it. */
    public static final int SIZE = 8;

    /**
     * Reads one.
     *
     * @param from at least its size
     */
    public static Word read(MemorySegment from) {
        return new Word(from.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    }

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public void write(MemorySegment to) {
        to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    }
}
