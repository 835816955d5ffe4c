package grantlab.conformance.script;

import grantlab.api.abi.Hypercall;
import java.util.Map;

/** {@code raw}: grant_table_op with any number, count and pointer; without a pointer the arguments are zeros. */
final class RawVerb implements Verb {
    @Override
    public Map<String, Operand> keys() {
        return Map.of("cmd", Operand.NUMBER, "count", Operand.NUMBER, "ptr", Operand.ADDRESS);
    }

    @Override
    public void execute(Operation operation) {
        ArgumentPages arguments = operation.executor.arguments();
        arguments.write(arguments.blank(ArgumentPages.STRUCT_BYTES));
        operation.result.rc(operation.hypercall(
                Hypercall.GRANT_TABLE_OP,
                operation.operands.number("cmd", 0),
                operation.operands.address("ptr", arguments.address()),
                operation.operands.number("count", 1)));
    }
}
