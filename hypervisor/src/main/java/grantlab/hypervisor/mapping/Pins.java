package grantlab.hypervisor.mapping;

import grantlab.api.Access;

/**
 * The pin word of a use count (xen-semantics 3.2): four counters of 8 bits, writers and readers through the CPU, writers
 * and readers through a device. Static functions over the word; nothing is stored here.
 *
 * <pre>
 *   31        24 23        16 15         8 7          0
 *  | device ro  | device rw  |  host ro   |  host rw   |
 * </pre>
 */
public final class Pins {
    private static final int HOST_WRITER = 1;
    private static final int HOST_READER = 1 << 8;
    private static final int DEVICE_WRITER = 1 << 16;
    private static final int DEVICE_READER = 1 << 24;
    private static final int WRITERS = 0x00ff_00ff;
    private static final int TOP_BIT = 7;

    /** Of each counter. */
    private static final int TOP_BITS = 0x8080_8080;

    private Pins() {}

    /**
     * One use. Copies count as uses through the CPU.
     *
     * @param access with HOST, DEVICE or COPY
     * @return to be added
     */
    public static int increment(int access) {
        boolean writes = Access.writes(access);
        int increment = 0;
        if ((access & (Access.HOST | Access.COPY)) != 0) {
            increment += writes ? HOST_WRITER : HOST_READER;
        }
        if ((access & Access.DEVICE) != 0) {
            increment += writes ? DEVICE_WRITER : DEVICE_READER;
        }
        return increment;
    }

    /** Whether a counter that would be added to has its top bit set: 128 uses of a kind are the limit. */
    public static boolean saturated(int pins, int increment) {
        return (pins & increment << TOP_BIT) != 0;
    }

    /** Whether anybody may write. */
    public static boolean written(int pins) {
        return (pins & WRITERS) != 0;
    }

    /** Whether all uses that a decrement names exist: one of each kind at most. */
    public static boolean covers(int pins, int decrement) {
        int present = ((pins & ~TOP_BITS) + ~TOP_BITS | pins) & TOP_BITS;
        return (decrement << TOP_BIT & ~present) == 0;
    }
}
