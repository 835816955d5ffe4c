package grantlab.virtio.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Ethernet frames (IEEE 802.3): destination in 6 bytes, source in 6, type in 2, then up to 1500 bytes. Addresses are the low 48 bits of a long. */
public final class Ethernet {
    /** Bytes before the content. */
    public static final int HEAD = 14;

    /** Bytes of the longest frame, without tag and checksum. */
    public static final int LONGEST = HEAD + 1500;

    /** To everybody. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    /** Bytes of an address. */
    public static final int ADDRESS = 6;

    private static final long GROUP = 1L << 40;
    private static final int REST = 16;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Ethernet() {}

    /**
     * To whom a frame goes.
     *
     * @param frame at least {@link #HEAD} bytes
     * @return address
     */
    public static long destination(MemorySegment frame) {
        return frame.get(LONG, 0) >>> REST;
    }

    /**
     * Who says that it sent a frame.
     *
     * @param frame at least {@link #HEAD} bytes
     * @return address
     */
    public static long source(MemorySegment frame) {
        return frame.get(LONG, ADDRESS) >>> REST;
    }

    /**
     * Whether an address is that of several.
     *
     * @param address of a group or of one
     * @return the lowest bit of its first byte
     */
    public static boolean isGroup(long address) {
        return (address & GROUP) != 0;
    }

    /** Whether a frame may be so long. */
    static boolean isLength(long length) {
        return length >= HEAD && length <= LONGEST;
    }
}
