package grantlab.conformance.fuzz;

/**
 * A script that brought something to light.
 *
 * @param mode of the script
 * @param seed of the script
 * @param operations how long it was asked to be
 * @param script as it was generated
 * @param least the smallest script that still shows it
 * @param discovery what the smallest one shows
 */
public record Culprit(Mode mode, long seed, int operations, String script, String least, Discovery discovery) {
    /** The name of its files. */
    public String name() {
        return discovery.rule() + "-" + mode + "-" + Long.toUnsignedString(seed);
    }
}
