package grantlab.api.guest;

import java.lang.foreign.MemorySegment;

/**
 * Memory of guests as one of those who use it sees it: a CPU by guest addresses, a device by the bus addresses that its driver
 * told it. Accesses have any alignment; aligned ones are single, and those of more than a byte are acquire and release. One thread at a
 * time.
 */
public interface GuestMemory {
    /**
     * Loads 1, 2, 4 or 8 bytes.
     *
     * @param address of the first
     * @param bytes how many
     * @return zero, and the value in {@link #value()}; anything else says why nothing is reached there
     */
    int load(long address, int bytes);

    /**
     * What the last load found.
     *
     * @return zero extended
     */
    long value();

    /**
     * Stores 1, 2, 4 or 8 bytes.
     *
     * @param address of the first
     * @param bytes how many
     * @param value its low bytes
     * @return zero; anything else says why nothing is reached there
     */
    int store(long address, int bytes, long value);

    /**
     * Loads bytes, in no order.
     *
     * @param address of the first
     * @param into a part of it is filled, unless something stops it at the start of a page
     * @param at first byte of the part
     * @param length of the part
     * @return zero; anything else says why something is not reached there
     */
    int loadBytes(long address, MemorySegment into, long at, int length);

    /**
     * Stores bytes, in no order.
     *
     * @param address of the first
     * @param from a part of it is stored, unless something stops it at the start of a page
     * @param at first byte of the part
     * @param length of the part
     * @return zero; anything else says why something is not reached there
     */
    int storeBytes(long address, MemorySegment from, long at, int length);

    /**
     * Loads bytes.
     *
     * @param address of the first
     * @param into filled entirely
     * @return as the other
     */
    default int loadBytes(long address, MemorySegment into) {
        return loadBytes(address, into, 0, Math.toIntExact(into.byteSize()));
    }

    /**
     * Stores bytes.
     *
     * @param address of the first
     * @param from stored entirely
     * @return as the other
     */
    default int storeBytes(long address, MemorySegment from) {
        return storeBytes(address, from, 0, Math.toIntExact(from.byteSize()));
    }
}
