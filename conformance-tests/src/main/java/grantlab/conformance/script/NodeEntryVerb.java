package grantlab.conformance.script;

import grantlab.api.abi.V3Entry;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.EntryCodec.Field;
import grantlab.api.memory.MachineMemory;
import java.util.Map;

/**
 * {@code leaf}, {@code node}, as the tree format declares them: writes an entry, its TYPE last. A field that the line does not have
 * becomes zero, its type what the verb says; with {@code keep=1} it stays as it is.
 */
final class NodeEntryVerb implements Verb {
    private static final String TYPE = "type";
    private static final String KEEP = "keep";

    private final EntryCodec codec;
    private final long type;

    private NodeEntryVerb(EntryCodec codec, long type) {
        this.codec = codec;
        this.type = type;
    }

    /** An entry that grants. */
    static NodeEntryVerb leaf(EntryCodec codec) {
        return new NodeEntryVerb(codec, V3Entry.LEAF);
    }

    /** An entry that leads on. */
    static NodeEntryVerb node(EntryCodec codec) {
        return new NodeEntryVerb(codec, V3Entry.TABLE);
    }

    @Override
    public Map<String, Operand> keys() {
        Map<String, Operand> keys = NodeEntries.keys();
        codec.fields().forEach(field -> keys.put(field.name(), NodeEntries.operand(field)));
        keys.put(KEEP, Operand.SWITCH);
        return keys;
    }

    @Override
    public void execute(Operation operation) {
        long address = NodeEntries.address(operation, true);
        if (address < 0) {
            operation.result.word("noframe");
            return;
        }
        MachineMemory memory = operation.world.memory();
        boolean keep = operation.operands.number(KEEP, 0) != 0;
        if (!keep) {
            memory.store64Release(address, 0);
        }
        write(operation, memory, address, keep, false);
        write(operation, memory, address, keep, true);
        operation.world.wroteEntry();
        operation.result.word("ok");
    }

    private void write(Operation operation, MachineMemory memory, long address, boolean keep, boolean last) {
        for (Field field : codec.fields()) {
            if (field.writtenLast() == last && (!keep || operation.line.has(field.name()))) {
                codec.set(memory, address, field, value(operation.operands, field));
            }
        }
    }

    private long value(Operands operands, Field field) {
        long absent = field.name().equals(TYPE) ? type : 0;
        return NodeEntries.operand(field) == Operand.FRAME
                ? operands.frame(field.name(), absent)
                : operands.number(field.name(), absent);
    }
}
