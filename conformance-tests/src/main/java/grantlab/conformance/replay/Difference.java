package grantlab.conformance.replay;

import java.nio.file.Path;

/**
 * An answer that is not Xen's.
 *
 * @param file of the script
 * @param line of the script
 * @param operation the text of that line
 * @param expected what Xen answered, or what is said in its place
 * @param got what was answered here, or what is said in its place
 */
public record Difference(Path file, int line, String operation, String expected, String got) {
    /** In place of an answer that one side has not. */
    static final String NO_ANSWER = "(no answer)";

    /** File, line and operation, then both answers, each on a line of its own. */
    @Override
    public String toString() {
        return file + ":" + line + ": " + operation + "\n  expected " + expected + "\n  got      " + got;
    }
}
