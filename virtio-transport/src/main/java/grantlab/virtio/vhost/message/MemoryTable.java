package grantlab.virtio.vhost.message;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Where memory is. A file comes with each region, in their order.
 *
 * @param regions at most {@link #MOST}
 */
public record MemoryTable(List<Region> regions) implements Payload {
    /** No backend takes more. */
    public static final int MOST = 8;

    private static final int HEAD = 8;
    private static final int REGION = 32;
    private static final int BYTES_AT = 8;
    private static final int USER_AT = 16;
    private static final int OFFSET_AT = 24;

    /**
     * A run of memory.
     *
     * @param guestAddress physical address of the first byte
     * @param bytes how many
     * @param userAddress what the frontend calls the first byte when it answers
     * @param offset of the first byte in the file
     */
    public record Region(long guestAddress, long bytes, long userAddress, long offset) {}

    /** Checks the number. */
    public MemoryTable {
        regions = List.copyOf(regions);
        if (regions.isEmpty() || regions.size() > MOST) {
            throw new IllegalArgumentException("1.." + MOST + " regions of memory, not " + regions.size());
        }
    }

    /**
     * Reads one.
     *
     * @param from as large as it is
     */
    public static MemoryTable read(MemorySegment from) {
        int count = from.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
        List<Region> regions = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            long at = HEAD + (long) n * REGION;
            regions.add(new Region(
                    from.get(ValueLayout.JAVA_LONG_UNALIGNED, at),
                    from.get(ValueLayout.JAVA_LONG_UNALIGNED, at + BYTES_AT),
                    from.get(ValueLayout.JAVA_LONG_UNALIGNED, at + USER_AT),
                    from.get(ValueLayout.JAVA_LONG_UNALIGNED, at + OFFSET_AT)));
        }
        return new MemoryTable(regions);
    }

    @Override
    public int size() {
        return HEAD + regions.size() * REGION;
    }

    @Override
    public void write(MemorySegment to) {
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, regions.size());
        long at = HEAD;
        for (Region region : regions) {
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, at, region.guestAddress);
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, at + BYTES_AT, region.bytes);
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, at + USER_AT, region.userAddress);
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, at + OFFSET_AT, region.offset);
            at += REGION;
        }
    }
}
