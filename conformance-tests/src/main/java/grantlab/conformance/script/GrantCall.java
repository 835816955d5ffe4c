package grantlab.conformance.script;

import grantlab.api.abi.Hypercall;
import java.util.List;

/** One hypercall grant_table_op, whose elements are lines of the same verb and domain. */
final class GrantCall {
    private final GrantVerb verb;
    private final List<Operation> elements;

    GrantCall(GrantVerb verb, List<Operation> elements) {
        this.verb = verb;
        this.elements = elements;
    }

    /**
     * Writes the array of arguments and makes the call.
     *
     * @param count of elements as the hypercall is told; those behind the last one are zero, as far as there is room
     * @return the result register
     */
    long enter(long count) {
        Operation first = elements.getFirst();
        ArgumentPages arguments = first.executor.arguments();
        ArgumentStruct array = arguments.blank(bytesRead(count));
        for (int element = 0; element < elements.size(); element++) {
            verb.encode(elements.get(element), slice(array, element), element);
        }
        arguments.write(array);
        return first.hypercall(Hypercall.GRANT_TABLE_OP, verb.command(), arguments.address(), count);
    }

    private int bytesRead(long count) {
        long read = Math.max(Integer.toUnsignedLong((int) count), elements.size());
        return (int) Math.min(read * verb.size(), ArgumentPages.STRUCT_BYTES);
    }

    /** Has each element print what the call wrote. */
    void tell() {
        ArgumentStruct array = elements.getFirst().executor.arguments().read(elements.size() * verb.size());
        for (int element = 0; element < elements.size(); element++) {
            verb.decode(elements.get(element), slice(array, element), element);
        }
    }

    private ArgumentStruct slice(ArgumentStruct array, int element) {
        return array.slice((long) element * verb.size(), verb.size());
    }
}
