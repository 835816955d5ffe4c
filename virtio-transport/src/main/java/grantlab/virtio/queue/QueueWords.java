package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;
import java.lang.invoke.VarHandle;

/**
 * The words of a queue as one side reaches them, and what is wrong with the queue, if anything: one who does not reach it, or finds
 * in it what cannot be, has no use for it any more. What is not reached reads as zero.
 */
final class QueueWords {
    private final GuestMemory memory;
    private QueueFault fault = QueueFault.NONE;

    QueueWords(GuestMemory memory) {
        this.memory = memory;
    }

    QueueFault fault() {
        return fault;
    }

    boolean broken() {
        return fault != QueueFault.NONE;
    }

    /** Breaks the queue, unless it is broken or nothing is wrong. */
    boolean refused(QueueFault why) {
        if (fault == QueueFault.NONE) {
            fault = why;
        }
        return broken();
    }

    long load64(long address) {
        return load(address, Long.BYTES);
    }

    long load32(long address) {
        return load(address, Integer.BYTES);
    }

    int load16(long address) {
        return (int) load(address, Short.BYTES);
    }

    private long load(long address, int bytes) {
        if (memory.load(address, bytes) != 0) {
            refused(QueueFault.UNREACHABLE);
            return 0;
        }
        return memory.value();
    }

    void store64(long address, long value) {
        store(address, Long.BYTES, value);
    }

    void store32(long address, long value) {
        store(address, Integer.BYTES, value);
    }

    void store16(long address, int value) {
        store(address, Short.BYTES, value);
    }

    private void store(long address, int bytes, long value) {
        if (memory.store(address, bytes, value) != 0) {
            refused(QueueFault.UNREACHABLE);
        }
    }

    /** Zeroes a part; its length is even. */
    void clear(long address, int bytes) {
        for (int at = 0; at < bytes; at += Short.BYTES) {
            store16(address + at, 0);
        }
    }

    /** What was stored is seen before anything is loaded: between an index and the word that asks for notifications. */
    static void barrier() {
        VarHandle.fullFence();
    }
}
