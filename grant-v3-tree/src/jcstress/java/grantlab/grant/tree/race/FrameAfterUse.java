package grantlab.grant.tree.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Rule (f): a granter that sees no mark has the page to itself, and sees what was written to it. */
@JCStressTest
@Outcome(id = "0, -100", expect = ACCEPTABLE, desc = "still in use")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "withdrawn, with the last data")
@Outcome(expect = FORBIDDEN, desc = "the write comes after the end")
@State
public class FrameAfterUse extends OffHeapEntry {
    public FrameAfterUse() {
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
        r.r1 = yes(end());
        r.r2 = r.r1 == 1 ? load() : NOT_LOOKED_AT;
    }
}
