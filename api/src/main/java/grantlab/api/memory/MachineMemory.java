package grantlab.api.memory;

import java.lang.foreign.MemorySegment;

/**
 * The machine's RAM. Addresses are machine addresses in bytes ({@code mfn << 12 | offset}), naturally aligned for the
 * access, little endian. The name of an access states its order: acquire pairs with release; compareAndExchange and
 * getAnd... are full barriers; the rest is plain. There is no 16-bit compare-exchange (java.lang.foreign has none): use
 * the 32-bit word around it.
 *
 * <p>An address outside of RAM, or a misaligned one, is a fault of the calling room, never of a guest: it throws
 * {@link IndexOutOfBoundsException} or {@link IllegalArgumentException}, and so does a range that leaves its frame or is shorter than
 * nothing; nothing has changed then. Of a range of no bytes the address is not looked at. Any thread may call everything.
 */
public interface MachineMemory {
    /**
     * Whether a frame is backed by memory.
     *
     * @param mfn any number
     * @return false for holes and for numbers that no frame has
     */
    boolean isRam(long mfn);

    /**
     * Loads a byte.
     *
     * @param address machine address
     * @return the value
     */
    byte load8(long address);

    /**
     * Loads 2 bytes.
     *
     * @param address machine address, aligned to 2
     * @return the value
     */
    short load16(long address);

    /**
     * Loads 4 bytes.
     *
     * @param address machine address, aligned to 4
     * @return the value
     */
    int load32(long address);

    /**
     * Loads 8 bytes.
     *
     * @param address machine address, aligned to 8
     * @return the value
     */
    long load64(long address);

    /**
     * Loads 8 bytes several times, ascending: as many calls of {@link #load64}.
     *
     * @param address machine address, aligned to 8
     * @param into receives the values, from its start
     * @param count how many; all of them within one frame
     */
    void load64s(long address, long[] into, int count);

    /**
     * Loads 2 bytes, acquire.
     *
     * @param address machine address, aligned to 2
     * @return the value
     */
    short load16Acquire(long address);

    /**
     * Loads 4 bytes, acquire.
     *
     * @param address machine address, aligned to 4
     * @return the value
     */
    int load32Acquire(long address);

    /**
     * Loads 8 bytes, acquire.
     *
     * @param address machine address, aligned to 8
     * @return the value
     */
    long load64Acquire(long address);

    /**
     * Stores a byte.
     *
     * @param address machine address
     * @param value what to store
     */
    void store8(long address, byte value);

    /**
     * Stores 2 bytes.
     *
     * @param address machine address, aligned to 2
     * @param value what to store
     */
    void store16(long address, short value);

    /**
     * Stores 4 bytes.
     *
     * @param address machine address, aligned to 4
     * @param value what to store
     */
    void store32(long address, int value);

    /**
     * Stores 8 bytes.
     *
     * @param address machine address, aligned to 8
     * @param value what to store
     */
    void store64(long address, long value);

    /**
     * Stores 8 bytes several times, ascending: as many calls of {@link #store64}.
     *
     * @param address machine address, aligned to 8
     * @param from the values, from its start
     * @param count how many; all of them within one frame
     */
    void store64s(long address, long[] from, int count);

    /**
     * Stores 2 bytes, release.
     *
     * @param address machine address, aligned to 2
     * @param value what to store
     */
    void store16Release(long address, short value);

    /**
     * Stores 4 bytes, release.
     *
     * @param address machine address, aligned to 4
     * @param value what to store
     */
    void store32Release(long address, int value);

    /**
     * Stores 8 bytes, release.
     *
     * @param address machine address, aligned to 8
     * @param value what to store
     */
    void store64Release(long address, long value);

    /**
     * Exchanges 4 bytes if they are as expected.
     *
     * @param address machine address, aligned to 4
     * @param expected what must be there
     * @param replacement what shall be there
     * @return the witness: the exchange happened iff it equals {@code expected}
     */
    int compareAndExchange32(long address, int expected, int replacement);

    /**
     * Exchanges 8 bytes if they are as expected.
     *
     * @param address machine address, aligned to 8
     * @param expected what must be there
     * @param replacement what shall be there
     * @return the witness: the exchange happened iff it equals {@code expected}
     */
    long compareAndExchange64(long address, long expected, long replacement);

    /**
     * Sets bits.
     *
     * @param address aligned to 4
     * @param mask the bits to set
     * @return the word before
     */
    int getAndBitwiseOr32(long address, int mask);

    /**
     * Keeps bits.
     *
     * @param address aligned to 4
     * @param mask the bits to keep
     * @return the word before
     */
    int getAndBitwiseAnd32(long address, int mask);

    /**
     * Keeps bits.
     *
     * @param address aligned to 8
     * @param mask the bits to keep
     * @return the word before
     */
    long getAndBitwiseAnd64(long address, long mask);

    /**
     * Copies bytes. Neither range crosses a frame. Ranges of one frame may overlap; bytes arrive as if copied through a
     * buffer.
     *
     * @param source machine address
     * @param destination machine address
     * @param length 0..4096
     */
    void copy(long source, long destination, int length);

    /**
     * Fills bytes. The range does not cross a frame.
     *
     * @param address machine address
     * @param length 0..4096
     * @param value of each byte
     */
    void fill(long address, int length, byte value);

    /**
     * Copies bytes out of the machine. The range does not cross a frame.
     *
     * @param address machine address
     * @param into filled entirely; at most 4096 bytes
     */
    default void copyOut(long address, MemorySegment into) {
        copyOut(address, into, 0, Math.toIntExact(into.byteSize()));
    }

    /**
     * Copies bytes out of the machine, into a part of a segment. The range does not cross a frame.
     *
     * @param address machine address
     * @param into what is filled
     * @param at its first byte that is
     * @param length 0..4096
     */
    void copyOut(long address, MemorySegment into, long at, int length);

    /**
     * Copies bytes into the machine. The range does not cross a frame.
     *
     * @param address machine address
     * @param from copied entirely; at most 4096 bytes
     */
    default void copyIn(long address, MemorySegment from) {
        copyIn(address, from, 0, Math.toIntExact(from.byteSize()));
    }

    /**
     * Copies bytes into the machine, from a part of a segment. The range does not cross a frame.
     *
     * @param address machine address
     * @param from what is copied
     * @param at its first byte that is
     * @param length 0..4096
     */
    void copyIn(long address, MemorySegment from, long at, int length);
}
