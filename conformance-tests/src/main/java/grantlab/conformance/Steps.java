package grantlab.conformance;

import java.util.ArrayList;
import java.util.List;

/** The diary of one run: what a reader of a failure wants to know first. Any thread: some clauses race. */
final class Steps {
    /** A randomised clause makes thousands of calls: the last ones tell. */
    private static final int CALLS_KEPT = 24;

    private final List<String> texts = new ArrayList<>();
    private final List<List<String>> calls = new ArrayList<>();
    private final List<Integer> forgotten = new ArrayList<>();

    Steps() {
        next("setting up");
    }

    synchronized void next(String text) {
        texts.add(text);
        calls.add(new ArrayList<>());
        forgotten.add(0);
    }

    synchronized void call(String text) {
        int current = texts.size() - 1;
        List<String> kept = calls.get(current);
        kept.add(text);
        if (kept.size() > CALLS_KEPT) {
            kept.removeFirst();
            forgotten.set(current, forgotten.get(current) + 1);
        }
    }

    /** The diary so far. A set-up without calls tells nothing and is left out. */
    synchronized List<Step> written() {
        List<Step> written = new ArrayList<>();
        for (int n = 0; n < texts.size(); n++) {
            if (n == 0 && calls.get(n).isEmpty() && texts.size() > 1) {
                continue;
            }
            List<String> lines = new ArrayList<>();
            if (forgotten.get(n) > 0) {
                lines.add("(" + forgotten.get(n) + " earlier calls)");
            }
            lines.addAll(calls.get(n));
            written.add(new Step(texts.get(n), lines));
        }
        return written;
    }
}
