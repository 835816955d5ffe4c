package grantlab.conformance.script;

import grantlab.api.grant.EntryCodec;
import java.util.HashMap;
import java.util.Map;

/** {@code ent}: the ordinary entry of the version that the table has at this moment. */
final class CurrentEntryVerb implements Verb {
    private final Codecs codecs;

    CurrentEntryVerb(Codecs codecs) {
        this.codecs = codecs;
    }

    @Override
    public Map<String, Operand> keys() {
        Map<String, Operand> keys = new HashMap<>();
        for (EntryCodec codec : codecs.all()) {
            keys.putAll(new EntryVerb(codec).keys());
        }
        return keys;
    }

    @Override
    public void execute(Operation operation) {
        Context granter = operation.operands.table();
        int version = granter == null ? 1 : operation.world.tables().version(granter);
        new EntryVerb(codecs.ofVersion(version)).execute(operation);
    }
}
