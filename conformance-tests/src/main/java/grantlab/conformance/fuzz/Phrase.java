package grantlab.conformance.fuzz;

/** One line of a script in the making: who, what, and the operands. */
public final class Phrase {
    private final StringBuilder text = new StringBuilder(80);

    /**
     * A line.
     *
     * @param executor the domain that executes it
     * @param verb what it does
     */
    public Phrase(int executor, String verb) {
        if (executor != 0) {
            text.append("@d").append(executor).append(' ');
        }
        text.append(verb);
    }

    /** An operand. */
    public Phrase with(String key, String value) {
        text.append(' ').append(key).append('=').append(value);
        return this;
    }

    /** An operand that is a number. */
    public Phrase with(String key, long value) {
        text.append(' ').append(key).append('=').append(value);
        return this;
    }

    /** An operand that is a number, written in hex. */
    public Phrase hex(String key, long value) {
        text.append(' ').append(key).append("=0x").append(Long.toHexString(value));
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
