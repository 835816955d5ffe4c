package grantlab.virtio.vhost.message;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * About an IOTLB: from the backend what it misses, from the frontend what it is to know or to forget.
 *
 * @param busAddress of the first byte
 * @param bytes how many; none with a miss
 * @param userAddress with an update: what the first byte is called in the memory table
 * @param access READ, WRITE or both of {@link grantlab.api.Access}, which have the numbers that the protocol has
 * @param type one of the constants
 */
public record IotlbMessage(long busAddress, long bytes, long userAddress, int access, int type) implements Payload {
    /** Bytes of it. */
    public static final int SIZE = 32;

    /** The number of the request that a backend makes. */
    public static final int BACKEND_REQUEST = 1;

    /** Type: the backend wants to know. */
    public static final int MISS = 1;

    /** Type: the backend learns. What it knows already it does not learn anew. */
    public static final int UPDATE = 2;

    /** Type: the backend forgets. */
    public static final int INVALIDATE = 3;

    private static final int BYTES_AT = 8;
    private static final int USER_AT = 16;
    private static final int ACCESS_AT = 24;
    private static final int TYPE_AT = 25;

    /** An update of one range. */
    public static IotlbMessage update(long busAddress, long bytes, long userAddress, int access) {
        return new IotlbMessage(busAddress, bytes, userAddress, access, UPDATE);
    }

    /** An invalidation of one range. */
    public static IotlbMessage invalidate(long busAddress, long bytes) {
        return new IotlbMessage(busAddress, bytes, 0, 0, INVALIDATE);
    }

    /**
     * Reads one.
     *
     * @param from at least its size
     */
    public static IotlbMessage read(MemorySegment from) {
        return new IotlbMessage(
                from.get(ValueLayout.JAVA_LONG_UNALIGNED, 0),
                from.get(ValueLayout.JAVA_LONG_UNALIGNED, BYTES_AT),
                from.get(ValueLayout.JAVA_LONG_UNALIGNED, USER_AT),
                from.get(ValueLayout.JAVA_BYTE, ACCESS_AT),
                from.get(ValueLayout.JAVA_BYTE, TYPE_AT));
    }

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public void write(MemorySegment to) {
        to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, busAddress);
        to.set(ValueLayout.JAVA_LONG_UNALIGNED, BYTES_AT, bytes);
        to.set(ValueLayout.JAVA_LONG_UNALIGNED, USER_AT, userAddress);
        to.set(ValueLayout.JAVA_BYTE, ACCESS_AT, (byte) access);
        to.set(ValueLayout.JAVA_BYTE, TYPE_AT, (byte) type);
    }
}
