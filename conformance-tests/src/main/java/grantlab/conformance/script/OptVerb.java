package grantlab.conformance.script;

import java.util.Map;

/** {@code opt}: how the following lines are executed. */
final class OptVerb implements Verb {
    @Override
    public Map<String, Operand> keys() {
        return Map.of("raw", Operand.SWITCH, "hold_status", Operand.SWITCH, "tlbflush", Operand.SWITCH);
    }

    @Override
    public void execute(Operation operation) {
        if (operation.line.has("tlbflush")) {
            operation.world.flushTlb(isOn(operation, "tlbflush"));
        }
        if (operation.line.has("raw")) {
            operation.world.printRawHandles(isOn(operation, "raw"));
        }
        if (operation.line.has("hold_status")) {
            boolean hold = isOn(operation, "hold_status");
            long rc = operation.world.holdStatusFrame(hold);
            if (hold) {
                operation.result.decimal("hold", rc);
            }
        }
        operation.result.word("ok");
    }

    private static boolean isOn(Operation operation, String key) {
        return operation.operands.number(key, 0) != 0;
    }
}
