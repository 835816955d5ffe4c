package grantlab.hypervisor.operation;

import grantlab.api.memory.MachineMemory;

/**
 * A copy whose destination begins inside its source, as Xen's memcpy does it on x86: forward, eight bytes at a time, then
 * the rest byte by byte, so that bytes already written are read again.
 */
final class ForwardCopy {
    private ForwardCopy() {}

    static void copy(MachineMemory memory, long from, long to, int length) {
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
