package grantlab.conformance.fuzz;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What came of a campaign.
 *
 * @param plan what it was to do
 * @param scripts how many were run
 * @param operations how many answers the first combination gave
 * @param elapsed how long it took
 * @param culprits what was found, each different fault once
 * @param reached how often each verb was answered how
 */
public record CampaignResult(
        CampaignPlan plan,
        long scripts,
        long operations,
        Duration elapsed,
        List<Culprit> culprits,
        Map<String, Map<String, Long>> reached) {
    /** Whether nothing was found. */
    public boolean clean() {
        return culprits.isEmpty();
    }

    /** Operations per second, each in all combinations. */
    public long rate() {
        long nanos = Math.max(1, elapsed.toNanos());
        return (long) (operations * 1e9 / nanos);
    }
}
