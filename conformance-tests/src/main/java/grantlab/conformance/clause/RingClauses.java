package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** Rings of events: how they are set up, what is written into them, and that nothing is lost when they are full. */
public final class RingClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public RingClauses() {}

    @Override
    public String prefix() {
        return "RING";
    }

    @Override
    public String title() {
        return "Rings of events";
    }

    @Override
    public List<Object> parts() {
        return List.of(new RingRegistrations(), new RingEvents(), new RingOverflows());
    }
}
