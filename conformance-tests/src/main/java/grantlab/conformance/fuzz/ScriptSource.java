package grantlab.conformance.fuzz;

/** Where the scripts of a campaign come from. Any thread. */
public interface ScriptSource {
    /**
     * A script. The same mode, seed and length give the same one.
     *
     * @param mode what kinds of domains it has
     * @param seed chance
     * @param operations how many operations it has at least, before the few that end it
     * @return its text
     */
    String script(Mode mode, long seed, int operations);

    /**
     * Whether a script that was made smaller could have come from here.
     *
     * @param text of the script
     */
    default boolean accepts(String text) {
        return true;
    }
}
