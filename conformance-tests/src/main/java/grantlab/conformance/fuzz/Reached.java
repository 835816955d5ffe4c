package grantlab.conformance.fuzz;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** Which operation was answered how, and how often: the cheap measure of what a campaign reaches. Any thread. */
public final class Reached {
    private final Map<String, Map<String, Long>> counts = new TreeMap<>();

    /** Nothing yet. */
    public Reached() {}

    /**
     * Counts the answers of a script.
     *
     * @param answers lines as the interpreter prints them
     */
    public void count(Collection<String> answers) {
        Map<String, Map<String, Long>> own = new TreeMap<>();
        for (String answer : answers) {
            if (!answer.startsWith("#")) {
                count(own, answer);
            }
        }
        add(own);
    }

    private static void count(Map<String, Map<String, Long>> counts, String answer) {
        int verb = answer.indexOf(' ') + 1;
        int end = answer.indexOf(' ', verb);
        String name = answer.substring(verb, end < 0 ? answer.length() : end);
        String how = end < 0 ? "" : outcome(answer, end);
        counts.computeIfAbsent(name, key -> new TreeMap<>()).merge(how, 1L, Long::sum);
    }

    /** The words that tell what became of it, without those that tell what was found. */
    private static String outcome(String answer, int from) {
        StringBuilder outcome = new StringBuilder();
        int at = from + 1;
        while (at < answer.length()) {
            int end = answer.indexOf(' ', at);
            int stop = end < 0 ? answer.length() : end;
            if (tells(answer, at, stop)) {
                outcome.append(outcome.isEmpty() ? "" : " ").append(answer, at, stop);
            }
            at = stop + 1;
        }
        return outcome.isEmpty() ? "ok" : outcome.toString();
    }

    private static boolean tells(String answer, int at, int end) {
        return answer.startsWith("rc=", at)
                || answer.startsWith("status=", at)
                || answer.startsWith("fault=", at)
                || answer.startsWith("ec=", at)
                || (answer.indexOf('=', at) < 0
                        && answer.charAt(at) > '9'
                        && end - at > 2
                        && answer.indexOf(':', at) < 0);
    }

    private synchronized void add(Map<String, Map<String, Long>> own) {
        own.forEach((verb, outcomes) -> {
            Map<String, Long> all = counts.computeIfAbsent(verb, key -> new TreeMap<>());
            outcomes.forEach((outcome, count) -> all.merge(outcome, count, Long::sum));
        });
    }

    /** How often each verb was answered how. */
    public synchronized Map<String, Map<String, Long>> counts() {
        Map<String, Map<String, Long>> copy = new TreeMap<>();
        counts.forEach((verb, outcomes) -> copy.put(verb, new TreeMap<>(outcomes)));
        return copy;
    }
}
