package grantlab.conformance.replay;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What Xen answered to a script: the result lines between {@code ORACLE-START} and {@code ORACLE-END} by the number of
 * the script line that they belong to. Remarks, which begin with {@code #}, are nobody's answer.
 */
final class Answers {
    private static final String START = "ORACLE-START";
    private static final String END = "ORACLE-END";
    private static final String REMARK = "#";

    /** Of a line number. */
    private static final int MOST_DIGITS = 9;

    /** The recorder makes a remark as soon as a domain stops: for some verbs in the middle of the result line. */
    private static final Pattern REMARK_INSIDE = Pattern.compile("(?m)^(\\d+ \\w+)# domain .*\\R");

    /** The remark above the answers that says which release gave them. */
    private static final String RELEASE = REMARK + " xen-release=";

    private final Map<Integer, String> byLine;
    private final @Nullable String release;

    private Answers(Map<Integer, String> byLine, @Nullable String release) {
        this.byLine = byLine;
        this.release = release;
    }

    /**
     * Takes a result file apart.
     *
     * @throws RecordingException when it is not whole: the recorder was stopped, or it is no result file
     */
    static Answers parse(Path file, String text) {
        Map<Integer, String> byLine = new LinkedHashMap<>();
        boolean started = false;
        String release = null;
        for (String line : REMARK_INSIDE.matcher(text).replaceAll("$1").lines().toList()) {
            if (line.startsWith(START)) {
                started = true;
            } else if (line.startsWith(END)) {
                return new Answers(byLine, release);
            } else if (!started && line.startsWith(RELEASE)) {
                release = line.substring(RELEASE.length()).strip();
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
        int number = 0;
        int at = 0;
        while (at < result.length() && Character.digit(result.charAt(at), 10) >= 0) {
            if (at == MOST_DIGITS || (at == 0 && result.charAt(0) == '0')) {
                return 0;
            }
            number = number * 10 + Character.digit(result.charAt(at++), 10);
        }
        return at == result.length() || result.charAt(at) == ' ' ? number : 0;
    }

    Map<Integer, String> byLine() {
        return Collections.unmodifiableMap(byLine);
    }

    /** The release that gave them, if they say so. */
    Optional<String> release() {
        return Optional.ofNullable(release);
    }
}
