package grantlab.conformance.script;

import java.util.Map;

/** {@code forget}: d0 drops its mappings of a table's frames. */
final class ForgetVerb implements Verb {
    @Override
    public Map<String, Operand> keys() {
        return Map.of("tab", Operand.TABLE);
    }

    @Override
    public void execute(Operation operation) {
        Context granter = operation.operands.table();
        if (granter != null) {
            operation.world.closeWindow(granter);
        }
        operation.result.word("ok");
    }
}
