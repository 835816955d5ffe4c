package grantlab.conformance.script;

import grantlab.conformance.call.V3Form;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An operation of grants v3 that takes elements: {@code v3_map}, {@code v3_unmap}, {@code v3_copy}. */
final class TreeElementVerb implements BatchVerb {
    private final V3Form form;
    private final TreeStruct fields;

    TreeElementVerb(V3Form form) {
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
    public ElementCall call(List<Operation> elements) {
        return new TreeElementCall(form, fields, elements);
    }

    @Override
    public void execute(Operation operation) {
        ElementCall call = call(List.of(operation));
        operation.result.rc(call.enter(1));
        call.tell();
    }
}
