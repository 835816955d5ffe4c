package grantlab.grant.tree.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** PIN-1: either the guest withdraws or the hypervisor marks. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "mapped, and the guest sees it")
@Outcome(id = "-3, 1", expect = ACCEPTABLE, desc = "withdrawn, and the map sees it")
@Outcome(expect = FORBIDDEN, desc = "mapped what was withdrawn, or neither")
@State
public class MapAgainstWithdraw extends OffHeapEntry {
    public MapAgainstWithdraw() {
        grant();
    }

    @Actor
    public void grantee(II_Result r) {
        r.r1 = read();
    }

    @Actor
    public void granter(II_Result r) {
        r.r2 = yes(end());
    }
}
