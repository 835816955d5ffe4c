package grantlab.grant.tree.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Rule (a): who maps a leaf sees what the granter put into the page before. */
@JCStressTest
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "mapped, with the data")
@Outcome(id = "-3, -100", expect = ACCEPTABLE, desc = "not granted yet")
@Outcome(expect = FORBIDDEN, desc = "the leaf was published before its page")
@State
public class FrameBeforeGrant extends OffHeapEntry {
    @Actor
    public void granter() {
        store(1);
        grant();
    }

    @Actor
    public void grantee(II_Result r) {
        r.r1 = read();
        r.r2 = loadAfter(r.r1);
    }
}
