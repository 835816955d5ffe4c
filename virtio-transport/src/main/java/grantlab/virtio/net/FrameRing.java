package grantlab.virtio.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Frames that wait for a buffer of their receiver, each behind the header that it will get. As many as there are places; nothing is allocated after
 * it was made. Whoever brings frames and whoever takes them may be different threads.
 */
final class FrameRing {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment[] packets;
    private final int[] lengths;
    private int first;
    private int count;
    private boolean open;

    FrameRing(int places) {
        packets = new MemorySegment[places];
        lengths = new int[places];
        for (int n = 0; n < places; n++) {
            packets[n] = MemorySegment.ofArray(new byte[Net.HEADER + Ethernet.LONGEST]);
            packets[n].set(SHORT, Net.HEADER_NUM_BUFFERS, (short) 1);
        }
    }

    /** There is a receiver. */
    synchronized void open() {
        open = true;
    }

    /** There is none any more: what waits is lost. */
    synchronized void close() {
        open = false;
        count = 0;
    }

    /** A frame comes; where nobody receives, or every place is taken, it does not get in. */
    synchronized boolean add(MemorySegment frame, int length) {
        if (!open || count == packets.length) {
            return false;
        }
        int place = (first + count) % packets.length;
        MemorySegment.copy(frame, 0, packets[place], Net.HEADER, length);
        lengths[place] = Net.HEADER + length;
        count++;
        return true;
    }

    synchronized int size() {
        return count;
    }

    /** The n-th oldest, with its header; it stays as it is until it is removed. */
    synchronized MemorySegment packet(int n) {
        return packets[(first + n) % packets.length];
    }

    /** Bytes of the n-th oldest, with its header. */
    synchronized int length(int n) {
        return lengths[(first + n) % packets.length];
    }

    /** The oldest is done with. */
    synchronized void remove() {
        first = (first + 1) % packets.length;
        count--;
    }
}
