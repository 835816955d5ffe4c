package grantlab.virtio.block;

import grantlab.api.Status;
import grantlab.api.guest.GuestMemory;
import grantlab.virtio.queue.DescriptorChain;
import java.lang.foreign.MemorySegment;

/** A chain as two rows of bytes, those that the device reads and those that it writes: how they are cut into pieces means nothing (2.7.4). */
final class ChainBytes {
    private ChainBytes() {}

    /** Loads what lies from a byte of the readable ones on. @return zero or why it is not reached */
    static int load(GuestMemory memory, DescriptorChain chain, long from, MemorySegment into, int length) {
        return move(memory, chain, 0, from, into, length, false);
    }

    /** Stores what shall lie from a byte of the writable ones on. @return zero or why it is not reached */
    static int store(GuestMemory memory, DescriptorChain chain, long from, MemorySegment bytes, int length) {
        return move(memory, chain, chain.readable(), from, bytes, length, true);
    }

    private static int move(
            GuestMemory memory,
            DescriptorChain chain,
            int firstElement,
            long from,
            MemorySegment bytes,
            int length,
            boolean writes) {
        long skip = from;
        int done = 0;
        for (int n = firstElement; done < length; n++) {
            long room = chain.length(n) - skip;
            if (room > 0) {
                int part = (int) Math.min(room, length - done);
                long address = chain.address(n) + skip;
                int status = writes
                        ? memory.storeBytes(address, bytes, done, part)
                        : memory.loadBytes(address, bytes, done, part);
                if (status != Status.OKAY) {
                    return status;
                }
                done += part;
            }
            skip = Math.max(0, -room);
        }
        return Status.OKAY;
    }
}
