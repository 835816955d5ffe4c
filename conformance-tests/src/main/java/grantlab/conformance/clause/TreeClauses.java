package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** Trees as a whole: how they come, change and go. */
public final class TreeClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public TreeClauses() {}

    @Override
    public String prefix() {
        return "TREE";
    }

    @Override
    public String title() {
        return "Trees come, change and go";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new TreeCreations(), new TreeUpdates(), new TreeDestructions(), new KernelTrees(), new HeldNodes());
    }
}
