package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** v3_set_access, and W cleared by the granter alone: what could be written can only be read any more. */
public final class DownClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public DownClauses() {}

    @Override
    public String prefix() {
        return "DOWN";
    }

    @Override
    public String title() {
        return "Read-write to read-only";
    }

    @Override
    public List<Object> parts() {
        return List.of(new DownEffects(), new DownCalls(), new DownMeetings());
    }
}
