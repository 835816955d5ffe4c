package grantlab.api.grant;

import grantlab.api.memory.MachineMemory;
import java.util.List;

/** One kind of entry by field names, off the hot path: scripts write and read with it, reports print with it. */
public interface EntryCodec {
    /**
     * The verb of scripts: ent1, ent2, leaf, node.
     *
     * @return lower case letters and digits
     */
    String verb();

    /**
     * The fields in the order in which they are printed.
     *
     * @return an immutable list
     */
    List<Field> fields();

    /**
     * Bytes of an entry.
     *
     * @return 8 or 16
     */
    int bytes();

    /**
     * Where an entry is.
     *
     * @param frames of a flat table
     * @param index a reference
     * @return machine address, or -1 when the table has no such entry
     */
    long address(TableFrames frames, long index);

    /**
     * Where the granter sees that an entry is in use: 16 bits with GTF_reading and GTF_writing, in the entry itself or
     * beside the table.
     *
     * @param frames of a flat table
     * @param index a reference
     * @return machine address, or -1 when the table has no such entry or the format shows nothing of the kind
     */
    default long marksAddress(TableFrames frames, long index) {
        return -1;
    }

    /**
     * Reads a field.
     *
     * @param memory the machine's
     * @param address of the entry
     * @param field one of {@link #fields}
     * @return its value, zero extended
     */
    default long get(MachineMemory memory, long address, Field field) {
        long at = address + field.offset();
        return switch (field.bytes()) {
            case 1 -> memory.load8(at) & 0xffL;
            case 2 -> memory.load16(at) & 0xffffL;
            case 4 -> memory.load32(at) & 0xffff_ffffL;
            default -> memory.load64(at);
        };
    }

    /**
     * Writes a field; the one that is written last publishes the entry and is stored with release.
     *
     * @param memory the machine's
     * @param address of the entry
     * @param field one of {@link #fields}
     * @param value its low bytes
     */
    default void set(MachineMemory memory, long address, Field field, long value) {
        long at = address + field.offset();
        switch (field.bytes()) {
            case 1 -> memory.store8(at, (byte) value);
            case 2 -> {
                if (field.writtenLast()) {
                    memory.store16Release(at, (short) value);
                } else {
                    memory.store16(at, (short) value);
                }
            }
            case 4 -> memory.store32Release(at, (int) value);
            default -> memory.store64Release(at, value);
        }
    }

    /**
     * A field of the entry.
     *
     * @param name as scripts and reports spell it
     * @param offset in bytes
     * @param bytes 1, 2, 4 or 8
     * @param writtenLast whether writing it publishes the entry
     */
    record Field(String name, int offset, int bytes, boolean writtenLast) {}
}
