package grantlab.virtio.vhost.message;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where the parts of a ring are: bus addresses, as VIRTIO_F_ACCESS_PLATFORM has it.
 *
 * @param ring 0, 1, ...
 * @param descriptors the descriptor area
 * @param deviceArea what the device writes (used)
 * @param driverArea what the driver writes (available)
 */
public record VringAddress(int ring, long descriptors, long deviceArea, long driverArea) implements Payload {
    /** Bytes of it: flags come after the ring, and in the end where to log; neither is used. */
    public static final int SIZE = 40;

    private static final int DESCRIPTORS_AT = 8;
    private static final int DEVICE_AREA_AT = 16;
    private static final int DRIVER_AREA_AT = 24;

    /**
     * Reads one.
     *
     * @param from at least its size
     */
    public static VringAddress read(MemorySegment from) {
        return new VringAddress(
                from.get(ValueLayout.JAVA_INT_UNALIGNED, 0),
                from.get(ValueLayout.JAVA_LONG_UNALIGNED, DESCRIPTORS_AT),
                from.get(ValueLayout.JAVA_LONG_UNALIGNED, DEVICE_AREA_AT),
                from.get(ValueLayout.JAVA_LONG_UNALIGNED, DRIVER_AREA_AT));
    }

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public void write(MemorySegment to) {
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, ring);
        to.set(ValueLayout.JAVA_LONG_UNALIGNED, DESCRIPTORS_AT, descriptors);
        to.set(ValueLayout.JAVA_LONG_UNALIGNED, DEVICE_AREA_AT, deviceArea);
        to.set(ValueLayout.JAVA_LONG_UNALIGNED, DRIVER_AREA_AT, driverArea);
    }
}
