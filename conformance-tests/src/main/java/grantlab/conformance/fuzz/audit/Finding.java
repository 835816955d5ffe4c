package grantlab.conformance.fuzz.audit;

/** Something that must be true is not. */
public final class Finding extends RuntimeException {
    /** References and types of frames, and who owns them. */
    public static final String FRAMES = "frames";

    /** Places where grants stand, and who knows of them. */
    public static final String PLACES = "places";

    /** Bits of entries. */
    public static final String MARKS = "marks";

    /** Uses of leaves of trees that should not be. */
    public static final String USES = "uses";

    /** Pins and handles. */
    public static final String PINS = "pins";

    /** Something is left when all domains are gone. */
    public static final String LEAK = "leak";

    private static final long serialVersionUID = 1L;

    private final String rule;

    /**
     * What is wrong.
     *
     * @param rule which of the rules is broken, in one word
     * @param message one line
     */
    public Finding(String rule, String message) {
        super(message);
        this.rule = rule;
    }

    /** Which of the rules is broken. */
    public String rule() {
        return rule;
    }
}
