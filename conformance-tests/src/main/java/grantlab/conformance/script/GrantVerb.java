package grantlab.conformance.script;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A verb that is one element of a grant_table_op. A line that is in no batch is a call with one element. */
interface GrantVerb extends BatchVerb {
    /** The number of the operation: one of {@link grantlab.api.abi.GnttabOp}. */
    int command();

    /** Bytes of an element. */
    int size();

    /** The keys for the fields of an element. */
    Map<String, Operand> fields();

    /**
     * Fills an element, which is zero.
     *
     * @param element its index in the call
     */
    void encode(Operation operation, ArgumentStruct struct, int element);

    /**
     * Prints what the call wrote, and keeps what the line wants kept.
     *
     * @param element its index in the call
     */
    void decode(Operation operation, ArgumentStruct struct, int element);

    @Override
    default Map<String, Operand> keys() {
        Map<String, Operand> keys = new HashMap<>(fields());
        keys.put("count", Operand.NUMBER);
        return keys;
    }

    @Override
    default ElementCall call(List<Operation> elements) {
        return new GrantCall(this, elements);
    }

    @Override
    default void execute(Operation operation) {
        ElementCall call = call(List.of(operation));
        operation.result.rc(call.enter(operation.operands.number("count", 1)));
        call.tell();
    }
}
