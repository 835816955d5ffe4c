package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** v3_revoke: a granter gets its pages back from a grantee that does nothing for it. */
public final class RevokeClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public RevokeClauses() {}

    @Override
    public String prefix() {
        return "REVOKE";
    }

    @Override
    public String title() {
        return "Taking back by force";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new RevokeEffects(),
                new RevokeCalls(),
                new RevokeMeetings(),
                new RevokeFates(),
                new RevokeDeaths(),
                new RevokeRequests(),
                new RevokeProgress(),
                new RevokeLater(),
                new RevokeSinks());
    }
}
