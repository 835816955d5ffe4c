package grantlab.grant.tree.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** W_SEEN: what was written after the page was copied makes the next round copy it again. */
@JCStressTest
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "copied before it was written, and dirty again")
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "copied after it was written, and clean")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "copied once more than needed")
@Outcome(expect = FORBIDDEN, desc = "a written page is lost")
@State
public class RoundOfMigration extends OffHeapEntry {
    public RoundOfMigration() {
        grant();
        write();
    }

    @Actor
    public void grantee() {
        store(1);
        endWrite();
    }

    @Actor
    public void granter(II_Result r) {
        dirty();
        r.r1 = load();
    }

    @Arbiter
    public void lastRound(II_Result r) {
        r.r2 = yes(dirty());
    }
}
