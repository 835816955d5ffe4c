package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** Virtual domids: numbers of a domain's own for its peers, and backends that start again. */
public final class VirtualDomidClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public VirtualDomidClauses() {}

    @Override
    public String prefix() {
        return "VDOM";
    }

    @Override
    public String title() {
        return "Virtual domids and epochs";
    }

    @Override
    public List<Object> parts() {
        return List.of(new VirtualBindings(), new VirtualRestarts());
    }
}
