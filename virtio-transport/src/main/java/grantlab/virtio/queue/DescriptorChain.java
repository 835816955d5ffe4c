package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;
import java.lang.foreign.MemorySegment;

/**
 * One buffer: pieces of memory, first those that the device reads, then those that it writes. The driver fills one in to make it
 * available; the device finds one filled as it was read, once, from the queue. Reused.
 */
public final class DescriptorChain {
    /** No buffer has more bytes than this (section 2.7.5.2). */
    static final long MOST_BYTES = 1L << 32;

    private final long[] addresses;
    private final long[] lengths;
    private int count;
    private int readable;
    private long readableBytes;
    private long writableBytes;

    /** By what the queue knows it. */
    int id;

    /** Descriptors that it takes in the ring. */
    int ringDescriptors;

    /** How many were taken from the queue before. */
    long sequence;

    /**
     * Room for a chain.
     *
     * @param most elements
     */
    public DescriptorChain(int most) {
        addresses = new long[most];
        lengths = new long[most];
    }

    /** Empties it. */
    public void clear() {
        count = 0;
        readable = 0;
        readableBytes = 0;
        writableBytes = 0;
    }

    /**
     * One more piece that the device reads.
     *
     * @param busAddress of its first byte
     * @param length in bytes
     * @return this
     * @throws IllegalArgumentException when that makes no chain
     */
    public DescriptorChain read(long busAddress, long length) {
        return added(busAddress, length, false);
    }

    /**
     * One more piece that the device writes.
     *
     * @param busAddress of its first byte
     * @param length in bytes
     * @return this
     * @throws IllegalArgumentException when that makes no chain
     */
    public DescriptorChain write(long busAddress, long length) {
        return added(busAddress, length, true);
    }

    private DescriptorChain added(long busAddress, long length, boolean deviceWrites) {
        QueueFault fault = add(busAddress, length, deviceWrites);
        if (fault != QueueFault.NONE) {
            throw new IllegalArgumentException("0x" + Long.toHexString(busAddress) + " with " + length
                    + " bytes does not go into a chain of " + count + " elements: " + fault);
        }
        return this;
    }

    /** What may follow what is there; all that is asked of an element is asked here. */
    QueueFault add(long busAddress, long length, boolean deviceWrites) {
        if (count == addresses.length) {
            return QueueFault.CHAIN_TOO_LONG;
        }
        if (!deviceWrites && count != readable) {
            return QueueFault.READABLE_AFTER_WRITABLE;
        }
        if (length <= 0) {
            return QueueFault.EMPTY_ELEMENT;
        }
        if (endsBeyondAddresses(busAddress, length) || readableBytes + writableBytes + length > MOST_BYTES) {
            return QueueFault.BUFFER_TOO_LARGE;
        }
        addresses[count] = busAddress;
        lengths[count] = length;
        count++;
        if (deviceWrites) {
            writableBytes += length;
        } else {
            readable++;
            readableBytes += length;
        }
        return QueueFault.NONE;
    }

    /** Whether a piece of memory would begin again at address 0. */
    static boolean endsBeyondAddresses(long busAddress, long length) {
        return Long.compareUnsigned(busAddress + (length - 1), busAddress) < 0;
    }

    /**
     * How many pieces it can have.
     *
     * @return as it was made
     */
    public int most() {
        return addresses.length;
    }

    /**
     * How many pieces it has.
     *
     * @return 0 when it is empty
     */
    public int count() {
        return count;
    }

    /**
     * Where a piece is.
     *
     * @param n below {@link #count}
     * @return bus address
     */
    public long address(int n) {
        return addresses[n];
    }

    /**
     * How long a piece is.
     *
     * @param n below {@link #count}
     * @return bytes, 1..2^32 - 1
     */
    public long length(int n) {
        return lengths[n];
    }

    /**
     * Whether the device writes a piece.
     *
     * @param n below {@link #count}
     * @return false: it reads it
     */
    public boolean deviceWrites(int n) {
        return n >= readable;
    }

    /**
     * How many pieces the device reads: the first ones.
     *
     * @return 0..{@link #count}
     */
    public int readable() {
        return readable;
    }

    /**
     * What the device reads, all together.
     *
     * @return bytes
     */
    public long readableBytes() {
        return readableBytes;
    }

    /**
     * What the device may write, all together.
     *
     * @return bytes
     */
    public long writableBytes() {
        return writableBytes;
    }

    /**
     * By what the queue knows it while it is in flight.
     *
     * @return as {@link DriverQueue#add} answered
     */
    public int id() {
        return id;
    }

    // As two rows of bytes, those that the device reads and those that it writes: how they are cut means nothing
    // (2.7.4)

    /**
     * Loads what lies from a byte of the readable ones on.
     *
     * @param memory by bus addresses
     * @param from which byte, from 0
     * @param into its beginning is filled
     * @param length bytes; so many there are
     * @return zero, or why something is not reached
     */
    public int load(GuestMemory memory, long from, MemorySegment into, int length) {
        return move(memory, 0, from, into, length, false);
    }

    /**
     * Stores what shall lie from a byte of the writable ones on.
     *
     * @param memory by bus addresses
     * @param from which byte, from 0
     * @param bytes their beginning is stored
     * @param length bytes; so many there are
     * @return zero, or why something is not reached
     */
    public int store(GuestMemory memory, long from, MemorySegment bytes, int length) {
        return move(memory, readable, from, bytes, length, true);
    }

    private int move(GuestMemory memory, int firstElement, long from, MemorySegment bytes, int length, boolean writes) {
        long skip = from;
        int done = 0;
        for (int n = firstElement; done < length; n++) {
            long room = lengths[n] - skip;
            if (room > 0) {
                int part = (int) Math.min(room, length - done);
                long address = addresses[n] + skip;
                int status = writes
                        ? memory.storeBytes(address, bytes, done, part)
                        : memory.loadBytes(address, bytes, done, part);
                if (status != 0) {
                    return status;
                }
                done += part;
            }
            skip = Math.max(0, -room);
        }
        return 0;
    }
}
