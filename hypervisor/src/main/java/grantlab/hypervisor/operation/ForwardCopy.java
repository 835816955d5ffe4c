package grantlab.hypervisor.operation;

import grantlab.api.memory.MachineMemory;

/**
 * A copy; one whose destination begins inside its source goes as in Xen on x86: forward, eight bytes at a time, then
 * the rest byte by byte, so that bytes already written are read again.
 */
public final class ForwardCopy {
    private ForwardCopy() {}

    /**
     * Copies.
     *
     * @param memory the machine's
     * @param from machine address, within a frame
     * @param to machine address, within a frame
     * @param length bytes
     */
    public static void copy(MachineMemory memory, long from, long to, int length) {
        boolean runsIntoItself = Long.compareUnsigned(to - from, length) < 0 && to != from;
        if (runsIntoItself) {
            forward(memory, from, to, length);
        } else {
            memory.copy(from, to, length);
        }
    }

    private static void forward(MachineMemory memory, long from, long to, int length) {
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            word(memory, from + at, to + at);
        }
        for (; at < length; at++) {
            memory.store8(to + at, memory.load8(from + at));
        }
    }

    /** Unaligned: all eight bytes are read before the first is written. */
    private static void word(MachineMemory memory, long from, long to) {
        long word = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            word |= (memory.load8(from + i) & 0xffL) << (i * Byte.SIZE);
        }
        for (int i = 0; i < Long.BYTES; i++) {
            memory.store8(to + i, (byte) (word >>> (i * Byte.SIZE)));
        }
    }
}
