package grantlab.conformance.script;

import grantlab.api.abi.Hypercall;
import grantlab.conformance.call.V3Form;
import java.util.Map;
import java.util.Optional;

/** An operation of grants v3 whose struct stands alone: {@code v3_tree_create} and the like. */
final class TreeVerb implements Verb {
    private final V3Form form;
    private final TreeStruct fields;

    TreeVerb(V3Form form) {
        this.form = form;
        this.fields = new TreeStruct(form);
    }

    @Override
    public Map<String, Operand> keys() {
        return fields.keys();
    }

    @Override
    public Optional<String> misnomer(String key, String value) {
        return fields.misnomer(key, value);
    }

    @Override
    public void execute(Operation operation) {
        ArgumentPages arguments = operation.executor.arguments();
        ArgumentStruct struct = ArgumentStruct.ofSize(form.size());
        fields.encode(operation, struct);
        arguments.write(struct);
        long rc = operation.hypercall(Hypercall.GRANT_TABLE_OP, form.operation(), arguments.physicalAddress(), 1);
        operation.result.rc(rc);
        if (rc == 0) {
            fields.decode(operation, arguments.read(form.size()));
        }
    }
}
