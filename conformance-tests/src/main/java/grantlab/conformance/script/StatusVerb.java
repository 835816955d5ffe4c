package grantlab.conformance.script;

import java.util.Map;

/** {@code status}: the status word of a reference. */
final class StatusVerb implements Verb {
    private static final int VERSION_WITH_STATUS_WORDS = 2;
    private static final int ENTRIES_PER_FRAME = 256;

    @Override
    public Map<String, Operand> keys() {
        return Map.of("ref", Operand.NUMBER, "tab", Operand.TABLE);
    }

    @Override
    public void execute(Operation operation) {
        Context granter = operation.operands.table();
        if (granter == null) {
            operation.result.word("nodomain");
            return;
        }
        TableView tables = operation.world.tables();
        int version = tables.version(granter);
        if (version != VERSION_WITH_STATUS_WORDS) {
            operation.result.word("v" + version);
            return;
        }
        long ref = operation.operands.number("ref", 0);
        int frames = tables.frames(granter);
        if (frames < 0 || Long.compareUnsigned(ref, (long) frames * ENTRIES_PER_FRAME) >= 0) {
            operation.result.word("noframe");
            return;
        }
        long address = tables.statusWord(granter, ref);
        if (address == TableView.NONE) {
            operation.result.word("nostatus");
            return;
        }
        operation.result.hex("word", operation.world.memory().load16(address) & 0xffffL);
    }
}
