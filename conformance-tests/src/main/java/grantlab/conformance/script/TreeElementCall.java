package grantlab.conformance.script;

import grantlab.api.abi.Hypercall;
import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Head;
import grantlab.conformance.call.V3Form;
import java.util.List;

/** One call of grants v3 with an array: the batch in the first page of arguments, the elements in the second. */
final class TreeElementCall implements ElementCall {
    private final V3Form form;
    private final TreeStruct fields;
    private final List<Operation> elements;
    private long rc;

    TreeElementCall(V3Form form, TreeStruct fields, List<Operation> elements) {
        this.form = form;
        this.fields = fields;
        this.elements = elements;
    }

    @Override
    public long enter(long count) {
        Operation first = elements.getFirst();
        ArgumentPages arguments = first.executor.arguments();
        ArgumentStruct array = ArgumentStruct.ofSize(elements.size() * form.size());
        for (int element = 0; element < elements.size(); element++) {
            fields.encode(elements.get(element), slice(array, element));
        }
        arguments.write(batch(arguments.arrayFrame(), count));
        arguments.writeArray(array);
        rc = first.hypercall(Hypercall.GRANT_TABLE_OP, form.operation(), arguments.physicalAddress(), 1);
        return rc;
    }

    private ArgumentStruct batch(long frame, long count) {
        ArgumentStruct batch = ArgumentStruct.ofSize(V3Batch.SIZE);
        batch.set16(V3Head.STRUCT_SIZE, V3Batch.SIZE);
        batch.set16(V3Head.VERSION, V3Head.THREE);
        batch.set64(V3Batch.FIRST_GFN, frame);
        batch.set32(V3Batch.COUNT, count);
        batch.set32(V3Batch.ELEMENT_SIZE, form.size());
        return batch;
    }

    /** A call that was refused as a whole did nothing to its elements. */
    @Override
    public void tell() {
        if (rc != 0) {
            return;
        }
        ArgumentStruct array = elements.getFirst().executor.arguments().readArray(elements.size() * form.size());
        for (int element = 0; element < elements.size(); element++) {
            fields.decode(elements.get(element), slice(array, element));
        }
    }

    private ArgumentStruct slice(ArgumentStruct array, int element) {
        return array.slice((long) element * form.size(), form.size());
    }
}
