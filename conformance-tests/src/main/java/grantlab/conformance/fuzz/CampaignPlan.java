package grantlab.conformance.fuzz;

import java.time.Duration;
import java.util.List;

/**
 * What a campaign does.
 *
 * @param seed chance
 * @param count operations to generate; the last script is completed
 * @param operations how long a script is
 * @param modes each script has one, in turn
 * @param threads how many scripts run at once
 * @param time when to begin no further script; zero: never
 * @param enough how many different discoveries end the campaign
 */
public record CampaignPlan(
        long seed, long count, int operations, List<Mode> modes, int threads, Duration time, int enough) {
    /** Checks the numbers. */
    public CampaignPlan {
        modes = List.copyOf(modes);
        if (count < 1 || operations < 1 || threads < 1 || enough < 1 || modes.isEmpty()) {
            throw new IllegalArgumentException("a campaign needs operations, modes and threads: " + count + ", "
                    + operations + ", " + modes + ", " + threads + ", " + enough);
        }
    }

    /** How many scripts that are. */
    public long scripts() {
        return (count + operations - 1) / operations;
    }

    /**
     * The seed of a script.
     *
     * @param number of the script, from 0
     * @return short enough to be typed
     */
    public long seedOf(long number) {
        return Dice.child(seed, number) >>> Integer.SIZE;
    }
}
