package grantlab.conformance;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of one clause in one combination. */
public sealed interface Outcome {
    /** The promise is kept. */
    record Passed() implements Outcome {}

    /**
     * The clause does not run here.
     *
     * @param reason the requirement that is not met
     */
    record NotApplicable(String reason) implements Outcome {}

    /**
     * The promise is broken, or the clause could not be carried out: {@link #error}.
     *
     * @param error whether something else went wrong than what the clause looks at
     * @param message what differs
     * @param comparison the same, where it was one
     * @param location in the clause's source
     * @param trace of an error: where it was thrown; of a broken invariant: the machine's state
     * @param steps what the clause did; the last one is where it broke
     * @param before of the domains when that step began; empty where that is not known: of a race that ended otherwise when it was run
     *     again
     * @param states of the domains at that moment
     * @param seed that replays a randomised clause, nothing for others
     */
    record Failed(
            boolean error,
            String message,
            @Nullable Comparison comparison,
            String location,
            List<String> trace,
            List<Step> steps,
            List<DomainState> before,
            List<DomainState> states,
            @Nullable Long seed)
            implements Outcome {
        /** Keeps copies. */
        public Failed {
            trace = List.copyOf(trace);
            steps = List.copyOf(steps);
            before = List.copyOf(before);
            states = List.copyOf(states);
        }

        /** The same, and what the domains looked like when the last step began. */
        Failed from(List<DomainState> then) {
            return new Failed(error, message, comparison, location, trace, steps, then, states, seed);
        }

        /** Whether another run broke in the same way. */
        boolean isLike(Failed other) {
            return message.equals(other.message) && location.equals(other.location);
        }
    }

    /**
     * The verdict in one word.
     *
     * @return for counting and for reports
     */
    default Verdict verdict() {
        return switch (this) {
            case Passed passed -> Verdict.PASSED;
            case NotApplicable notApplicable -> Verdict.NOT_APPLICABLE;
            case Failed failed -> failed.error() ? Verdict.ERROR : Verdict.FAILED;
        };
    }
}
