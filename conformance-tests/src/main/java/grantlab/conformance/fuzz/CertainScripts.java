package grantlab.conformance.fuzz;

import java.util.Optional;

/** Scripts to which every answer is certain, whoever gives it: those of another source, without what is left to chance. */
public final class CertainScripts implements ScriptSource {
    private final ScriptSource source;
    private final Certainty certainty;

    /**
     * Scripts.
     *
     * @param source where they come from
     * @param certainty what they must not lack
     */
    public CertainScripts(ScriptSource source, Certainty certainty) {
        this.source = source;
        this.certainty = certainty;
    }

    /** What is left: fewer operations than were asked for. */
    @Override
    public String script(Mode mode, long seed, int operations) {
        return certainty.of(source.script(mode, seed, operations));
    }

    @Override
    public boolean accepts(String text) {
        return certainty.firstByChance(text).equals(Optional.empty());
    }
}
