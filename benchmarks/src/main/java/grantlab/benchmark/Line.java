package grantlab.benchmark;

import java.util.Locale;

/**
 * A line of the table.
 *
 * @param name what was measured
 * @param time nanoseconds per operation
 * @param floor nanoseconds that the hardware takes for the floor, or NaN
 * @param ratio of time to floor within a round, or NaN
 * @param bytes allocated per operation
 * @param spread slowest round by fastest
 * @param required what is asked for, and what came of it; or empty
 * @param met whether it is met; true where nothing is asked for
 */
record Line(
        String name,
        double time,
        double floor,
        double ratio,
        double bytes,
        double spread,
        String required,
        boolean met) {
    private static final String FORMAT = "| %-44s | %7s | %7s | %6s | %5s | %6s | %-46s | %-3s |";

    /** What stands above. */
    static final String HEADING =
            String.format(FORMAT, "benchmark", "ns/op", "floor", "ratio", "B/op", "spread", "required", "met")
                    + System.lineSeparator()
                    + String.format(FORMAT, "---", "--:", "--:", "--:", "--:", "--:", "---", "---");

    @Override
    public String toString() {
        String answer = met ? "yes" : "NO";
        return String.format(
                FORMAT,
                name,
                number(time, 1),
                number(floor, 1),
                number(ratio, 1),
                number(bytes, 2),
                number(spread, 2),
                required,
                required.isEmpty() ? "" : answer);
    }

    static String number(double value, int digits) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
