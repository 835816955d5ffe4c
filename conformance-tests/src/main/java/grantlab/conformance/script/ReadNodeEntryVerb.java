package grantlab.conformance.script;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.EntryCodec.Field;
import java.util.Map;

/** {@code rdleaf}: an entry of a node by its fields, those that are not zero, and the type. */
final class ReadNodeEntryVerb implements Verb {
    private final EntryCodec codec;

    ReadNodeEntryVerb(EntryCodec codec) {
        this.codec = codec;
    }

    @Override
    public Map<String, Operand> keys() {
        return NodeEntries.keys();
    }

    @Override
    public void execute(Operation operation) {
        long address = NodeEntries.address(operation, false);
        if (address < 0) {
            operation.result.word("noframe");
            return;
        }
        for (Field field : codec.fields()) {
            long value = codec.get(operation.world.memory(), address, field);
            if (NodeEntries.operand(field) == Operand.FRAME) {
                operation.result.word(
                        field.name() + "=" + operation.world.frameNames().ofEntry(value, operation.executor));
            } else if (value != 0 || field.writtenLast()) {
                operation.result.unsigned(field.name(), value);
            }
        }
    }
}
