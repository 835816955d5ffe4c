package grantlab.conformance.script;

/**
 * A script that cannot be run as it is written. The message is one line for its author: file, line, and what to mend.
 */
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A fault in one line.
     *
     * @param file name of the script
     * @param line counted from 1
     * @param message what is wrong, and what would be right
     */
    public ScriptException(String file, int line, String message) {
        super(file + ":" + line + ": " + message);
    }

    /**
     * A fault of the script as a whole.
     *
     * @param file name of the script
     * @param message what is wrong, and what would be right
     */
    public ScriptException(String file, String message) {
        super(file + ": " + message);
    }
}
