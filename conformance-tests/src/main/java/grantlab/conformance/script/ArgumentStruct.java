package grantlab.conformance.script;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Words of a guest, little endian: mostly the argument struct of one hypercall, fields by the offsets of {@code grantlab.api.abi}. */
final class ArgumentStruct {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment bytes;

    ArgumentStruct(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /** Zeros. */
    static ArgumentStruct ofSize(int size) {
        return new ArgumentStruct(MemorySegment.ofArray(new byte[size]));
    }

    /** One element of an array of structs. */
    ArgumentStruct slice(long offset, long size) {
        return new ArgumentStruct(bytes.asSlice(offset, size));
    }

    MemorySegment bytes() {
        return bytes;
    }

    /** A field of 1 to 8 bytes; of a longer range its first 8. */
    void set(int offset, int size, long value) {
        for (int n = 0; n < Math.min(size, Long.BYTES); n++) {
            bytes.set(ValueLayout.JAVA_BYTE, offset + n, (byte) (value >>> (n * Byte.SIZE)));
        }
    }

    /** A field of 1 to 8 bytes, zero extended; of a longer range its first 8. */
    long get(int offset, int size) {
        long value = 0;
        for (int n = 0; n < Math.min(size, Long.BYTES); n++) {
            value |= (bytes.get(ValueLayout.JAVA_BYTE, offset + n) & 0xffL) << (n * Byte.SIZE);
        }
        return value;
    }

    void set16(int offset, long value) {
        bytes.set(SHORT, offset, (short) value);
    }

    void set32(int offset, long value) {
        bytes.set(INT, offset, (int) value);
    }

    void set64(int offset, long value) {
        bytes.set(LONG, offset, value);
    }

    short get16(int offset) {
        return bytes.get(SHORT, offset);
    }

    int get32(int offset) {
        return bytes.get(INT, offset);
    }

    long get64(int offset) {
        return bytes.get(LONG, offset);
    }
}
