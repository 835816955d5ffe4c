package grantlab.virtio.dpdk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A packet with a number, in which no byte can be changed unseen: Ethernet of the type for local experiments, the number, and bytes that
 * follow from it.
 */
final class Packet {
    /** Bytes of each. */
    static final int SIZE = 100;

    /** {@link #number}: it is none of these packets. */
    static final long NONE = -1;

    private static final byte TO = (byte) 0xaa;
    private static final byte FROM = (byte) 0xba;
    private static final int FROM_AT = 6;
    private static final int TYPE_AT = 12;
    private static final int NUMBER_AT = 14;
    private static final int REST_AT = 22;
    private static final short LOCAL_EXPERIMENT = (short) 0x88b5;
    private static final ValueLayout.OfShort TYPE = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NUMBER = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Packet() {}

    /** Writes the one with a number. */
    static void write(MemorySegment packet, long number) {
        write(packet, number, TO, FROM);
    }

    private static void write(MemorySegment packet, long number, byte to, byte from) {
        packet.asSlice(0, FROM_AT).fill(to);
        packet.asSlice(FROM_AT, TYPE_AT - FROM_AT).fill(from);
        packet.set(TYPE, TYPE_AT, LOCAL_EXPERIMENT);
        packet.set(NUMBER, NUMBER_AT, number);
        for (int at = REST_AT; at < SIZE; at++) {
            packet.set(ValueLayout.JAVA_BYTE, at, (byte) (number * 31 + at));
        }
    }

    /** The number of one that came back, with its addresses exchanged and nothing else changed; or NONE. */
    static long number(MemorySegment packet) {
        long number = packet.get(NUMBER, NUMBER_AT);
        MemorySegment expected = MemorySegment.ofArray(new byte[SIZE]);
        write(expected, number, FROM, TO);
        return packet.mismatch(expected) < 0 ? number : NONE;
    }

    /** Whether it is nothing but zeroes: what stands in for a page that was taken back. */
    static boolean isBlank(MemorySegment packet) {
        return packet.mismatch(MemorySegment.ofArray(new byte[SIZE])) < 0;
    }
}
