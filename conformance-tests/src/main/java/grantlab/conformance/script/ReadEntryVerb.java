package grantlab.conformance.script;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.EntryCodec.Field;
import grantlab.api.memory.MachineMemory;
import java.util.Map;

/** {@code rdent}: an entry as its words say, in the layout of the version in force or of another. */
final class ReadEntryVerb implements Verb {
    /** In Xen's layouts the second word: part of version 2's entries, the frame of version 1's. */
    private static final int SECOND_WORD = 4;

    private final Codecs codecs;

    ReadEntryVerb(Codecs codecs) {
        this.codecs = codecs;
    }

    @Override
    public Map<String, Operand> keys() {
        return Map.of("ref", Operand.NUMBER, "tab", Operand.TABLE, "v", Operand.NUMBER);
    }

    @Override
    public void execute(Operation operation) {
        Context granter = operation.operands.table();
        if (granter == null) {
            operation.result.word("nodomain");
            return;
        }
        long version = operation.operands.number("v", operation.world.tables().version(granter));
        EntryCodec codec = codecs.ofVersion(version);
        long ref = operation.operands.number("ref", 0);
        long address = operation.world.tables().entry(granter, codec, ref, operation.result);
        if (address == TableView.NONE) {
            operation.result.word("noframe");
            return;
        }
        operation.result.word("v" + Long.toUnsignedString(version));
        print(operation, granter, codec, address);
    }

    private static void print(Operation operation, Context granter, EntryCodec codec, long address) {
        MachineMemory memory = operation.world.memory();
        Result result = operation.result;
        for (Field field : codec.fields()) {
            long value = codec.get(memory, address, field);
            switch (field.name()) {
                case "flags" -> result.hex("flags", value);
                case "domid" -> result.unsigned("domid", value);
                case "frame" -> {
                    if (field.offset() > SECOND_WORD) {
                        result.hex("w1", Integer.toUnsignedLong(memory.load32(address + SECOND_WORD)));
                    }
                    result.word("frame=" + operation.world.frameNames().ofEntry(value, granter));
                }
                default -> {
                    // part of the second word, which is printed whole
                }
            }
        }
    }
}
