package grantlab.conformance.fuzz;

import java.util.ArrayList;
import java.util.List;

/** A script in the making: its lines, and how many operations they are. */
public final class Draft {
    private final List<String> lines = new ArrayList<>();
    private int operations;

    /** Empty. */
    public Draft() {}

    /**
     * A line that is no operation: a comment, an option, the head of a batch.
     *
     * @param text the line
     */
    public void remark(String text) {
        lines.add(text);
    }

    /**
     * One operation.
     *
     * @param text the line
     */
    public void operation(String text) {
        lines.add(text);
        operations++;
    }

    /** One operation. */
    public void operation(Phrase phrase) {
        operation(phrase.toString());
    }

    /** How many operations there are. */
    public int operations() {
        return operations;
    }

    /** The whole text. */
    public String text() {
        return String.join("\n", lines) + "\n";
    }
}
