package grantlab.grant.tree.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** PIN-2: the end of the old use leaves the new grant and its use alone. */
@JCStressTest
@Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "another use of the old grant")
@Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "a use of the new grant, marked")
@Outcome(id = "-3, 1, 0", expect = ACCEPTABLE, desc = "between the grants there is nothing to map")
@Outcome(expect = FORBIDDEN, desc = "the mark and the use do not agree")
@State
public class UnpinAgainstNewGrant extends OffHeapEntry {
    public UnpinAgainstNewGrant() {
        grant();
        read();
    }

    @Actor
    public void grantee(III_Result r) {
        endRead();
        r.r1 = read();
    }

    @Actor
    public void granter(III_Result r) {
        r.r2 = yes(end() && grant());
    }

    @Arbiter
    public void after(III_Result r) {
        r.r3 = mapped();
    }
}
