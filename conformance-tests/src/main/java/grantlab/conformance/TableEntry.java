package grantlab.conformance;

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

    TableEntry(MachineMemory memory, EntryCodec codec, long address) {
        this.memory = memory;
        this.codec = codec;
        this.address = address;
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

    private EntryCodec.Field field(String name) {
        return codec.fields().stream()
                .filter(field -> field.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("an entry of " + codec.verb() + " has no field " + name
                        + ", only "
                        + codec.fields().stream().map(EntryCodec.Field::name).toList()));
    }
}
