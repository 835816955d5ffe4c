package grantlab.conformance.report;

/** Colours of a terminal, or none. What they say is said by words and symbols too. */
public enum Paint {
    /** Escape sequences. */
    COLOURS {
        @Override
        String with(String code, String text) {
            return "\u001b[" + code + "m" + text + "\u001b[0m";
        }
    },

    /** Plain text. */
    NONE {
        @Override
        String with(String code, String text) {
            return text;
        }
    };

    abstract String with(String code, String text);

    /**
     * Kept.
     *
     * @param text any
     * @return green
     */
    public String good(String text) {
        return with("32", text);
    }

    /**
     * Broken.
     *
     * @param text any
     * @return bold red
     */
    public String bad(String text) {
        return with("1;31", text);
    }

    /**
     * Beside the point.
     *
     * @param text any
     * @return dim
     */
    public String faint(String text) {
        return with("2", text);
    }

    /**
     * A heading.
     *
     * @param text any
     * @return bold
     */
    public String strong(String text) {
        return with("1", text);
    }
}
