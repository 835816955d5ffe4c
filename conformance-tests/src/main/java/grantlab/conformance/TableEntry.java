package grantlab.conformance;

import grantlab.api.abi.Gtf;
import grantlab.api.grant.EntryCodec;
import grantlab.api.memory.MachineMemory;

/**
 * One entry of a flat table, word by word, as the control domain sees it through a mapping of its own: no check, no
 * order but the codec's. For clauses that write what no well-behaved kernel would.
 */
public final class TableEntry {
    private final MachineMemory memory;
    private final EntryCodec codec;
    private final long address;
    private final long marks;

    TableEntry(MachineMemory memory, EntryCodec codec, long address, long marks) {
        this.memory = memory;
        this.codec = codec;
        this.address = address;
        this.marks = marks;
    }

    /**
     * A field.
     *
     * @param name as the format's codec spells it: flags, domid, frame
     * @return zero extended
     */
    public long get(String name) {
        return codec.get(memory, address, field(name));
    }

    /**
     * Changes a field.
     *
     * @param name as the codec spells it
     * @param value its low bytes
     * @return this entry
     */
    public TableEntry set(String name, long value) {
        codec.set(memory, address, field(name), value);
        return this;
    }

    /**
     * The flags as the granter finds them: the field of that name, and GTF_reading and GTF_writing wherever the format
     * shows them.
     *
     * @return 16 bits
     */
    public int flags() {
        return (int) get("flags") | (memory.load16(marksAddress()) & (Gtf.READING | Gtf.WRITING));
    }

    /**
     * Forges the marks, which only the hypervisor should write; the other bits beside them stay.
     *
     * @param bits GTF_reading, GTF_writing, both or none
     * @return this entry
     */
    public TableEntry forge(int bits) {
        int others = memory.load16(marksAddress()) & ~(Gtf.READING | Gtf.WRITING);
        memory.store16Release(marksAddress(), (short) (others | bits));
        return this;
    }

    /**
     * Where GTF_reading and GTF_writing are.
     *
     * @return machine address of 16 bits
     * @throws IllegalStateException when the format has no such bits: it does not declare in-use-bits
     */
    public long marksAddress() {
        if (marks < 0) {
            throw new IllegalStateException("an entry of " + codec.verb() + " does not show that it is in use");
        }
        return marks;
    }

    private EntryCodec.Field field(String name) {
        return codec.fields().stream()
                .filter(field -> field.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("an entry of " + codec.verb() + " has no field " + name
                        + ", only "
                        + codec.fields().stream().map(EntryCodec.Field::name).toList()));
    }
}
