package grantlab.virtio.vhost.message;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A ring, and a number of it: its size, where to begin, whether it is worked on.
 *
 * @param ring 0, 1, ...
 * @param number what the request says
 */
public record VringState(int ring, int number) implements Payload {
    /** Bytes of it. */
    public static final int SIZE = 8;

    private static final int NUMBER_AT = 4;

    /**
     * Reads one.
     *
     * @param from at least its size
     */
    public static VringState read(MemorySegment from) {
        return new VringState(
                from.get(ValueLayout.JAVA_INT_UNALIGNED, 0), from.get(ValueLayout.JAVA_INT_UNALIGNED, NUMBER_AT));
    }

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public void write(MemorySegment to) {
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, ring);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, NUMBER_AT, number);
    }
}
