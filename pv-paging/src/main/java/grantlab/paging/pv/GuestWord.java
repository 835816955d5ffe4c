package grantlab.paging.pv;

import grantlab.api.memory.MachineMemory;

/**
 * Loads and stores of 1, 2, 4 or 8 bytes inside one frame, at any alignment. Aligned ones are single, acquire and
 * release; others go byte by byte, as a processor may split them.
 */
final class GuestWord {
    private GuestWord() {}

    static long load(MachineMemory memory, long machineAddress, int bytes) {
        if (!isAligned(machineAddress, bytes)) {
            return loadBytes(memory, machineAddress, bytes);
        }
        return switch (bytes) {
            case 1 -> Byte.toUnsignedLong(memory.load8(machineAddress));
            case 2 -> Short.toUnsignedLong(memory.load16Acquire(machineAddress));
            case 4 -> Integer.toUnsignedLong(memory.load32Acquire(machineAddress));
            case 8 -> memory.load64Acquire(machineAddress);
            default -> throw wrongSize(bytes);
        };
    }

    static void store(MachineMemory memory, long machineAddress, int bytes, long value) {
        if (!isAligned(machineAddress, bytes)) {
            storeBytes(memory, machineAddress, bytes, value);
            return;
        }
        switch (bytes) {
            case 1 -> memory.store8(machineAddress, (byte) value);
            case 2 -> memory.store16Release(machineAddress, (short) value);
            case 4 -> memory.store32Release(machineAddress, (int) value);
            case 8 -> memory.store64Release(machineAddress, value);
            default -> throw wrongSize(bytes);
        }
    }

    static long compareAndExchange(MachineMemory memory, long machineAddress, int bytes, long expected, long value) {
        return switch (bytes) {
            case 4 -> Integer.toUnsignedLong(memory.compareAndExchange32(machineAddress, (int) expected, (int) value));
            case 8 -> memory.compareAndExchange64(machineAddress, expected, value);
            default -> throw wrongSize(bytes);
        };
    }

    /** Loads up to eight bytes, the first one lowest. */
    static long loadBytes(MachineMemory memory, long machineAddress, int bytes) {
        long value = 0;
        for (int index = bytes - 1; index >= 0; index--) {
            value = value << Byte.SIZE | Byte.toUnsignedLong(memory.load8(machineAddress + index));
        }
        return value;
    }

    /** Stores the low bytes of a value, the lowest one first. */
    static void storeBytes(MachineMemory memory, long machineAddress, int bytes, long value) {
        for (int index = 0; index < bytes; index++) {
            memory.store8(machineAddress + index, (byte) (value >>> (Byte.SIZE * index)));
        }
    }

    private static boolean isAligned(long address, int bytes) {
        return (address & bytes - 1) == 0;
    }

    private static IllegalArgumentException wrongSize(int bytes) {
        return new IllegalArgumentException("a guest access has 1, 2, 4 or 8 bytes (exchange: 4 or 8), not " + bytes);
    }
}
