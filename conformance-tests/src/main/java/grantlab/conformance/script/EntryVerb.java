package grantlab.conformance.script;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.EntryCodec.Field;
import grantlab.api.memory.MachineMemory;
import java.util.Map;

/**
 * {@code ent1}, {@code ent2}, {@code ent2t}, as the formats declare them: writes an entry raw, the field that publishes
 * it last. A field that the line does not have becomes zero, but the frame stays as it is.
 */
final class EntryVerb implements Verb {
    private final EntryCodec codec;

    EntryVerb(EntryCodec codec) {
        this.codec = codec;
    }

    @Override
    public Map<String, Operand> keys() {
        return new EntrySyntax(codec.fields().stream().map(Field::name).toList()).keys();
    }

    @Override
    public void execute(Operation operation) {
        Context granter = operation.operands.table();
        if (granter == null) {
            operation.result.word("nodomain");
            return;
        }
        long ref = operation.operands.number("ref", 0);
        long address = operation.world.tables().entry(granter, codec, ref, operation.result);
        if (address == TableView.NONE) {
            operation.result.word("noframe");
            return;
        }
        write(operation, address);
        operation.world.wroteEntry();
        operation.result.word("ok");
    }

    private void write(Operation operation, long address) {
        MachineMemory memory = operation.world.memory();
        for (Field field : codec.fields()) {
            boolean keep = field.name().equals(EntrySyntax.FRAME) && !operation.line.has(EntrySyntax.FRAME);
            if (!field.writtenLast() && !keep) {
                codec.set(memory, address, field, value(operation.operands, field));
            }
        }
        for (Field field : codec.fields()) {
            if (field.writtenLast()) {
                codec.set(memory, address, field, value(operation.operands, field));
            }
        }
    }

    private static long value(Operands operands, Field field) {
        return switch (EntrySyntax.operand(field.name())) {
            case FRAME -> operands.frame(field.name(), 0);
            case DOMAIN -> operands.domain(field.name(), 0);
            default -> operands.number(field.name(), 0);
        };
    }
}
