package grantlab.grant.tree.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** PIN-3: both uses are marked, and the mark of the writer stays when the reader ends. */
@JCStressTest
@Outcome(id = "0, 0, 3", expect = ACCEPTABLE, desc = "the writer is left, and marked")
@Outcome(expect = FORBIDDEN, desc = "a use is refused, or its mark is lost")
@State
public class TwoMaps extends OffHeapEntry {
    public TwoMaps() {
        grant();
    }

    @Actor
    public void reader(III_Result r) {
        r.r1 = read();
        endRead();
    }

    @Actor
    public void writer(III_Result r) {
        r.r2 = write();
    }

    @Arbiter
    public void after(III_Result r) {
        r.r3 = mapped();
    }
}
