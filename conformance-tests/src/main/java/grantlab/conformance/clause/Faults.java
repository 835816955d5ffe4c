package grantlab.conformance.clause;

import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.call.V3Call;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Everything that may be wrong with one call, in the order in which the specification looks for it. With all of it wrong the
 * first decides; mended, the second does; and so on.
 */
final class Faults {
    private final List<Fault> faults = new ArrayList<>();

    private record Fault(int status, UnaryOperator<V3Call> change) {}

    /** What comes next, with the status that it gives. */
    Faults then(int status, UnaryOperator<V3Call> change) {
        faults.add(new Fault(status, change));
        return this;
    }

    /** A field that comes next, with a value that is wrong. */
    Faults then(int status, int offset, long value) {
        return then(status, call -> call.with(offset, value));
    }

    /** A call that is sound by itself is made with all faults from the n-th on, for each n; at last it is sound. */
    void tryEach(Party party, V3Call sound) {
        for (int first = 0; first < faults.size(); first++) {
            V3Call call = sound;
            for (int n = faults.size() - 1; n >= first; n--) {
                call = faults.get(n).change().apply(call);
            }
            Expect.status(faults.get(first).status(), party.call(call));
        }
        Expect.okay(party.call(sound));
    }
}
