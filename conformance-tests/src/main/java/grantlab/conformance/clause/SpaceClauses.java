package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Member;
import grantlab.conformance.OnceFor;
import java.util.List;

/** An address space by its contract: what an implementer of a paging mode is told first, verb by verb. */
@OnceFor(Member.GRANTEE)
public final class SpaceClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public SpaceClauses() {}

    @Override
    public String prefix() {
        return "SPACE";
    }

    @Override
    public String title() {
        return "An address space by its contract";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new SpaceAccesses(),
                new SpaceHoles(),
                new SpaceFaults(),
                new SpaceMappings(),
                new SpaceBlocks(),
                new SpaceOwnPages(),
                new SpaceTableFrames(),
                new SpaceRoots(),
                new SpaceEntries(),
                new SpaceUpdates(),
                new SpaceInterruptions(),
                new SpaceTlbs(),
                new SpaceMeetings(),
                new SpaceMapMeetings());
    }
}
