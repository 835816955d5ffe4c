package grantlab.conformance.replay;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What Xen answered to a script: the result lines between {@code ORACLE-START} and {@code ORACLE-END} by the number of
 * the script line that they belong to. Remarks, which begin with {@code #}, are nobody's answer.
 */
final class Answers {
    private static final String START = "ORACLE-START";
    private static final String END = "ORACLE-END";
    private static final String REMARK = "#";

    /** The recorder makes a remark as soon as a domain stops: for some verbs in the middle of the result line. */
    private static final Pattern REMARK_INSIDE = Pattern.compile("(?m)^(\\d+ \\w+)# domain .*\\R");

    /** The words by which an answer shows that a table has version 2: of the version itself, or of a status word. */
    private static final Pattern VERSION_2 = Pattern.compile(" v2( |$)|v=2( |$)|word=");

    private final Map<Integer, String> byLine;

    private Answers(Map<Integer, String> byLine) {
        this.byLine = byLine;
    }

    /**
     * Takes a result file apart.
     *
     * @throws RecordingException when it is not whole: the recorder was stopped, or it is no result file
     */
    static Answers parse(Path file, String text) {
        Map<Integer, String> byLine = new LinkedHashMap<>();
        boolean started = false;
        for (String line : REMARK_INSIDE.matcher(text).replaceAll("$1").lines().toList()) {
            if (line.startsWith(START)) {
                started = true;
            } else if (line.startsWith(END)) {
                return new Answers(byLine);
            } else if (started && !line.startsWith(REMARK)) {
                add(file, byLine, line);
            }
        }
        throw new RecordingException(file, "no " + (started ? END : START) + ": this is no complete recording");
    }

    private static void add(Path file, Map<Integer, String> byLine, String line) {
        int number = lineNumber(line);
        if (number == 0) {
            throw new RecordingException(file, "expected a result line LINENO VERB ..., found '" + line + "'");
        }
        if (byLine.putIfAbsent(number, line) != null) {
            throw new RecordingException(file, "two results for line " + number);
        }
    }

    /** The number with which a result line begins, or 0. */
    static int lineNumber(String result) {
        int end = result.indexOf(' ');
        String number = end < 0 ? result : result.substring(0, end);
        return number.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(number) : 0;
    }

    Map<Integer, String> byLine() {
        return Collections.unmodifiableMap(byLine);
    }

    /** Whether some answer shows version 2 in force. */
    boolean showVersion2() {
        return byLine.values().stream().anyMatch(line -> VERSION_2.matcher(line).find());
    }
}
