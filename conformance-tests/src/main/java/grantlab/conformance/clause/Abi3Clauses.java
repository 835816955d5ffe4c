package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** How a call of grants v3 is made: before any rule of the operation itself. */
public final class Abi3Clauses implements ClauseFamily {
    /** For ServiceLoader. */
    public Abi3Clauses() {}

    @Override
    public String prefix() {
        return "ABI3";
    }

    @Override
    public String title() {
        return "How grants v3 are called";
    }

    @Override
    public List<Object> parts() {
        return List.of(new Abi3Arguments(), new Abi3Batches());
    }
}
