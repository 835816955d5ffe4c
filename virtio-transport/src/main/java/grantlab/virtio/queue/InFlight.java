package grantlab.virtio.queue;

import java.util.Arrays;

/** What the driver knows by itself of the buffers that the device has: it believes the device nothing that is not in here. */
final class InFlight {
    private static final long NOBODY = -1;

    /** By id: bytes that the device may write, or NOBODY. */
    private final long[] room;

    /** By id: descriptors in the ring. */
    private final int[] descriptors;

    /** By id: how many buffers were added before. */
    private final long[] sequences;

    /** By sequence, modulo the size. */
    private final int[] ids;

    private long added;
    private long published;
    private int count;

    InFlight(int size) {
        room = new long[size];
        descriptors = new int[size];
        sequences = new long[size];
        ids = new int[size];
        Arrays.fill(room, NOBODY);
    }

    int count() {
        return count;
    }

    /** Those that the device can have seen. */
    int visible() {
        return count - (int) (added - published);
    }

    void add(int id, int ringDescriptors, long writableBytes) {
        room[id] = writableBytes;
        descriptors[id] = ringDescriptors;
        sequences[id] = added;
        ids[(int) (added % ids.length)] = id;
        added++;
        count++;
    }

    void publish() {
        published = added;
    }

    /** Whether the device may say that it used a buffer, and wrote so much. */
    QueueFault judge(long id, long written) {
        if (id >= room.length || room[(int) id] == NOBODY || sequences[(int) id] >= published) {
            return QueueFault.NOT_IN_FLIGHT;
        }
        return written > room[(int) id] ? QueueFault.WRITTEN_TOO_MUCH : QueueFault.NONE;
    }

    /** Where order was negotiated: how many buffers there are up to one. */
    int upTo(int id) {
        return (int) (sequences[id] - oldestSequence()) + 1;
    }

    /** Where order was negotiated: the one that comes first. */
    int oldest() {
        return ids[(int) (oldestSequence() % ids.length)];
    }

    private long oldestSequence() {
        return added - count;
    }

    long room(int id) {
        return room[id];
    }

    int descriptors(int id) {
        return descriptors[id];
    }

    void remove(int id) {
        room[id] = NOBODY;
        count--;
    }
}
