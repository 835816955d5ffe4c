package grantlab.cli;

import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** A stranger's family, found beside ours: one promise is kept, one is not, one needs something. */
public final class TrialClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public TrialClauses() {}

    @Override
    public String prefix() {
        return "TRIAL";
    }

    @Override
    public String title() {
        return "Trials of the command";
    }

    @Clause(id = "TRIAL-01", promise = "A fresh world is sound.", source = "the kit")
    void kept(World world) {
        Expect.holds("p0 has a frame", world.references(0) > 0);
    }

    @Clause(id = "TRIAL-02", promise = "One is two.", source = "nowhere")
    void broken(World world) {
        world.step("counting");
        Expect.equal("one", 2, 1);
    }

    @Needs(grantee = "names-entries")
    @Clause(id = "TRIAL-03", promise = "Entries have names.", source = "the kit")
    void needing(World world) {
        Expect.holdsNot("the grantee is translated", world.grantee().translated());
    }
}
