package grantlab.conformance.script;

import grantlab.api.grant.EntryCodec;
import grantlab.api.memory.MachineMemory;
import java.util.Map;

/** {@code scan}: all entries of a table whose flags are not zero, and all status words that are not. */
final class ScanVerb implements Verb {
    private static final int VERSION_WITH_STATUS_WORDS = 2;
    private static final int STATUS_WORDS = 2048;
    private static final int LAST = 63;

    private final Codecs codecs;

    ScanVerb(Codecs codecs) {
        this.codecs = codecs;
    }

    @Override
    public Map<String, Operand> keys() {
        return Map.of("tab", Operand.TABLE, "from", Operand.NUMBER, "to", Operand.NUMBER);
    }

    @Override
    public void execute(Operation operation) {
        Context granter = operation.operands.table();
        if (granter == null) {
            operation.result.word("nodomain");
            return;
        }
        int version = operation.world.tables().version(granter);
        operation.result.word("v" + version);
        long from = operation.operands.number("from", 0);
        long to = operation.operands.number("to", LAST);
        scanEntries(operation, granter, codecs.ofVersion(version), from, to);
        if (version == VERSION_WITH_STATUS_WORDS) {
            scanStatusWords(operation, granter, from, to);
        }
    }

    private static void scanEntries(Operation operation, Context granter, EntryCodec codec, long from, long to) {
        MachineMemory memory = operation.world.memory();
        for (long ref = from; Long.compareUnsigned(ref, to) <= 0; ref++) {
            long address = operation.world.tables().entry(granter, codec, ref, operation.result);
            if (address == TableView.NONE) {
                operation.result.word(Long.toUnsignedString(ref) + ":noframe");
                return;
            }
            int flags = memory.load16(address) & 0xffff;
            if (flags != 0) {
                operation.result.word(ref + ":" + Integer.toHexString(flags));
            }
        }
    }

    private static void scanStatusWords(Operation operation, Context granter, long from, long to) {
        if (operation.world.tables().statusWord(granter, 0) == TableView.NONE) {
            return;
        }
        operation.result.word("status");
        for (long ref = from;
                Long.compareUnsigned(ref, to) <= 0 && Long.compareUnsigned(ref, STATUS_WORDS) < 0;
                ref++) {
            long address = operation.world.tables().statusWord(granter, ref);
            int word = operation.world.memory().load16(address) & 0xffff;
            if (word != 0) {
                operation.result.word(ref + ":" + Integer.toHexString(word));
            }
        }
    }
}
