package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** v3_map. */
public final class Map3Clauses implements ClauseFamily {
    /** For ServiceLoader. */
    public Map3Clauses() {}

    @Override
    public String prefix() {
        return "MAP3";
    }

    @Override
    public String title() {
        return "v3_map";
    }

    @Override
    public List<Object> parts() {
        return List.of(new Map3Checks(), new Map3Runs(), new Map3Together(), new Map3Answers(), new Map3Steps());
    }
}
