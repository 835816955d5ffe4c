package grantlab.grant.tree.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** PIN-5: either the guest clears W or the hypervisor marks a writer. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "mapped writable, and the guest sees it")
@Outcome(id = "-8, 1", expect = ACCEPTABLE, desc = "narrowed, and the map sees it")
@Outcome(expect = FORBIDDEN, desc = "a writer of what is read-only, or neither")
@State
public class NarrowAgainstWritableMap extends OffHeapEntry {
    public NarrowAgainstWritableMap() {
        grant();
    }

    @Actor
    public void grantee(II_Result r) {
        r.r1 = write();
    }

    @Actor
    public void granter(II_Result r) {
        r.r2 = yes(narrow());
    }
}
