package grantlab.conformance.script;

import java.util.Map;

/** {@code yield}: gives others time. Here nothing happens later than in the call that causes it, so it does nothing. */
final class YieldVerb implements Verb {
    @Override
    public Map<String, Operand> keys() {
        return Map.of("n", Operand.NUMBER);
    }

    @Override
    public void execute(Operation operation) {
        operation.result.word("ok");
    }
}
