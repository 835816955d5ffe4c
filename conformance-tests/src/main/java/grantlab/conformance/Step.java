package grantlab.conformance;

import java.util.List;

/**
 * What a clause was doing, and the hypercalls that it made meanwhile.
 *
 * @param text the clause's words
 * @param calls in the notation of scripts, each with its answer
 */
public record Step(String text, List<String> calls) {
    /** Keeps a copy. */
    public Step {
        calls = List.copyOf(calls);
    }
}
