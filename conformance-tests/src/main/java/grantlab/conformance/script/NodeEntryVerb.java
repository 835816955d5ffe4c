package grantlab.conformance.script;

import grantlab.api.abi.V3Entry;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.EntryCodec.Field;
import grantlab.api.memory.MachineMemory;
import java.util.Map;

/**
 * {@code leaf}, {@code node}, as the tree format declares them: writes an entry, its TYPE last. A field that the line does not have
 * becomes zero, its type what the verb says; with {@code keep=1} it stays as it is. With {@code run=N} it writes as many, beside one
 * another, each with the frame behind that of the one before.
 */
final class NodeEntryVerb implements Verb {
    private static final String TYPE = "type";
    private static final String KEEP = "keep";
    private static final String RUN = "run";

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
        keys.put(RUN, Operand.NUMBER);
        return keys;
    }

    @Override
    public void execute(Operation operation) {
        long address = NodeEntries.address(operation, true);
        if (address < 0) {
            operation.result.word("noframe");
            return;
        }
        long run = Math.clamp(operation.operands.number(RUN, 1), 1, NodeEntries.left(address));
        for (int n = 0; n < run; n++) {
            write(operation, address + (long) n * V3Entry.SIZE, n);
        }
        operation.result.word("ok");
    }

    /** @param n which of its run */
    private void write(Operation operation, long address, int n) {
        MachineMemory memory = operation.world.memory();
        boolean keep = operation.operands.number(KEEP, 0) != 0;
        if (!keep) {
            memory.store64Release(address, 0);
        }
        write(operation, address, n, keep, false);
        write(operation, address, n, keep, true);
        operation.world.wroteEntry();
    }

    private void write(Operation operation, long address, int n, boolean keep, boolean last) {
        for (Field field : codec.fields()) {
            if (field.writtenLast() == last && (!keep || operation.line.has(field.name()))) {
                codec.set(operation.world.memory(), address, field, value(operation.operands, field, n));
            }
        }
    }

    private long value(Operands operands, Field field, int n) {
        long absent = field.name().equals(TYPE) ? type : 0;
        return NodeEntries.operand(field) == Operand.FRAME
                ? operands.frame(field.name(), absent) + n
                : operands.number(field.name(), absent);
    }
}
