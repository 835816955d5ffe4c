package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Member;
import grantlab.conformance.OnceFor;
import java.util.List;

/** What a tree owes whoever asks it directly: each verb, each answer, and what is held meanwhile. */
@OnceFor({Member.FORMAT, Member.GRANTER})
public final class NodeClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public NodeClauses() {}

    @Override
    public String prefix() {
        return "NODE";
    }

    @Override
    public String title() {
        return "A tree by its contract";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new NodeWalks(),
                new NodeUses(),
                new NodeRuns(),
                new NodeEndings(),
                new NodeHolds(),
                new NodeMemory(),
                new NodeShapes());
    }
}
