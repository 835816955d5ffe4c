package grantlab.conformance.call;

/** A struct in guest memory, little endian, and the page for lists that it may point to. */
public final class Struct {
    private final Bytes bytes;
    private final long address;
    private final long list;

    /** How guest memory is reached. */
    public interface Bytes {
        /**
         * Loads.
         *
         * @param address guest address
         * @param width 2, 4 or 8
         * @return zero extended
         */
        long load(long address, int width);

        /**
         * Stores.
         *
         * @param address guest address
         * @param width 2, 4 or 8
         * @param value its low bytes
         */
        void store(long address, int width, long value);
    }

    /**
     * A struct.
     *
     * @param bytes of the guest
     * @param address its first byte
     * @param list a page for lists that the struct points to
     */
    public Struct(Bytes bytes, long address, long list) {
        this.bytes = bytes;
        this.address = address;
        this.list = list;
    }

    /**
     * The page for lists.
     *
     * @return guest address
     */
    public long list() {
        return list;
    }

    /**
     * Stores zeros.
     *
     * @param size how many bytes, a multiple of 4
     */
    public void clear(int size) {
        for (int at = 0; at < size; at += Integer.BYTES) {
            put32(at, 0);
        }
    }

    /**
     * Stores a field.
     *
     * @param offset of it
     * @param value its low 16 bits
     */
    public void put16(int offset, long value) {
        bytes.store(address + offset, Short.BYTES, value);
    }

    /**
     * Stores a field.
     *
     * @param offset of it
     * @param value its low 32 bits
     */
    public void put32(int offset, long value) {
        bytes.store(address + offset, Integer.BYTES, value);
    }

    /**
     * Stores a field.
     *
     * @param offset of it
     * @param value all of it
     */
    public void put64(int offset, long value) {
        bytes.store(address + offset, Long.BYTES, value);
    }

    /**
     * Stores an element of the list.
     *
     * @param n which
     * @param value all of it
     */
    public void putList(int n, long value) {
        bytes.store(list + (long) n * Long.BYTES, Long.BYTES, value);
    }

    /**
     * Loads a status.
     *
     * @param offset of it
     * @return sign extended
     */
    public int status(int offset) {
        return (short) bytes.load(address + offset, Short.BYTES);
    }

    /**
     * Loads a field.
     *
     * @param offset of it
     * @return as an int
     */
    public int get32(int offset) {
        return (int) bytes.load(address + offset, Integer.BYTES);
    }

    /**
     * Loads a field.
     *
     * @param offset of it
     * @return all of it
     */
    public long get64(int offset) {
        return bytes.load(address + offset, Long.BYTES);
    }

    /**
     * Loads an element of the list.
     *
     * @param n which
     * @return all of it
     */
    public long getList(int n) {
        return bytes.load(list + (long) n * Long.BYTES, Long.BYTES);
    }
}
