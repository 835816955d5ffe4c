package grantlab.conformance.clause;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.conformance.ClauseFailure;

/** A frame of memory, and the bytes that are expected in it. */
final class MirroredFrame {
    private static final int NEAR = 40;

    final MachineMemory memory;

    /** Machine address of its first byte. */
    final long address;

    private final byte[] expected = new byte[Page.SIZE];

    /** A frame in which no eight bytes are like eight others near them. */
    MirroredFrame(MachineMemory memory, long mfn) {
        this.memory = memory;
        this.address = Page.address(mfn);
        for (int at = 0; at < Page.SIZE; at++) {
            expected[at] = (byte) (at * 5 + (at >> 8) + mfn);
            memory.store8(address + at, expected[at]);
        }
    }

    long at(int offset) {
        return address + offset;
    }

    byte get(int at) {
        return expected[at];
    }

    /** Some bytes as a number, the least first. */
    long get(int at, int bytes) {
        long value = 0;
        for (int n = bytes - 1; n >= 0; n--) {
            value = (value << Byte.SIZE) | Byte.toUnsignedInt(expected[at + n]);
        }
        return value;
    }

    void expect(int at, byte value) {
        expected[at] = value;
    }

    void expect(int at, int bytes, long value) {
        for (int n = 0; n < bytes; n++) {
            expected[at + n] = (byte) (value >>> (n * Byte.SIZE));
        }
    }

    /** The bytes of a range, and those before and behind it. */
    void check(String what, int from, int bytes) {
        for (int at = Math.max(0, from - NEAR); at < Math.min(Page.SIZE, from + bytes + NEAR); at++) {
            byte got = memory.load8(address + at);
            if (got != expected[at]) {
                throw new ClauseFailure(
                        "byte " + at + " after " + what, String.valueOf(expected[at]), String.valueOf(got));
            }
        }
    }

    /** All of them. */
    void check(String what) {
        check(what, 0, Page.SIZE);
    }
}
