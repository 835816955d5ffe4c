package grantlab.conformance.script;

import grantlab.api.abi.Hypercall;
import java.util.List;

/** One hypercall grant_table_op, whose elements are lines of the same verb and domain. */
final class GrantCall implements ElementCall {
    private final GrantVerb verb;
    private final List<Operation> elements;

    GrantCall(GrantVerb verb, List<Operation> elements) {
        this.verb = verb;
        this.elements = elements;
    }

    /** {@inheritDoc} What lies behind the last element is zero, as far as there is room. */
    @Override
    public long enter(long count) {
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

    @Override
    public void tell() {
        ArgumentStruct array = elements.getFirst().executor.arguments().read(elements.size() * verb.size());
        for (int element = 0; element < elements.size(); element++) {
            verb.decode(elements.get(element), slice(array, element), element);
        }
    }

    private ArgumentStruct slice(ArgumentStruct array, int element) {
        return array.slice((long) element * verb.size(), verb.size());
    }
}
