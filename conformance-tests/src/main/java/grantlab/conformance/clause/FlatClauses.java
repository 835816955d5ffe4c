package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Member;
import grantlab.conformance.OnceFor;
import java.util.List;

/**
 * v3_revoke of slot 0: references of a flat table of version 1 or 2 come back from a grantee that does nothing for it. No tree is made for that, so
 * whichever format has them plays no part.
 */
@OnceFor({Member.GRANTER, Member.GRANTEE, Member.IOMMU, Member.SEARCH})
public final class FlatClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public FlatClauses() {}

    @Override
    public String prefix() {
        return "FLAT";
    }

    @Override
    public String title() {
        return "Taking back references of a flat table";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new FlatMappings(),
                new FlatUses(),
                new FlatDeaths(),
                new FlatCalls(),
                new FlatRequests(),
                new FlatPlaces(),
                new FlatMeetings());
    }
}
