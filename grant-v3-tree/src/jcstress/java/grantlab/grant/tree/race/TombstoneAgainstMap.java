package grantlab.grant.tree.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** PIN-4: a leaf that was closed and vacated is mapped by nobody. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "mapped before it was closed: not vacant")
@Outcome(id = "-15, 1", expect = ACCEPTABLE, desc = "closed")
@Outcome(id = "-3, 1", expect = ACCEPTABLE, desc = "closed and vacated")
@Outcome(expect = FORBIDDEN, desc = "mapped what was vacated")
@State
public class TombstoneAgainstMap extends OffHeapEntry {
    public TombstoneAgainstMap() {
        grant();
    }

    @Actor
    public void grantee(II_Result r) {
        r.r1 = write();
    }

    @Actor
    public void granter(II_Result r) {
        r.r2 = yes(close() && vacate());
    }
}
