package grantlab.conformance.record;

import grantlab.conformance.replay.Recording;
import grantlab.conformance.replay.RecordingException;
import grantlab.conformance.script.Script;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the transcript of a script in what came over the serial line, where Xen speaks too: before the guest, behind it
 * and between its lines. What is not whole is refused, for a recording that lacks answers would look like agreement.
 */
final class TranscriptFinder {
    private static final String START = "ORACLE-START";
    private static final String END = "ORACLE-END";
    private static final String DIED = "ORACLE-DIED ";
    private static final String OF_XEN = "(XEN)";

    /** Behind the mark of the start, the release of Xen that runs. */
    private static final Pattern RELEASE = Pattern.compile(START + " xen-(\\d+\\.\\d+)");

    /** What a recording is of that names no release. */
    private static final String USUAL_RELEASE = "4.17";

    private final Script script;
    private final Duration timeout;
    private final SerialOutput output;
    private final List<String> lines;

    /**
     * A search.
     *
     * @param script what was asked
     * @param timeout what it was allowed to take
     * @param output what came
     */
    TranscriptFinder(Script script, Duration timeout, SerialOutput output) {
        this.script = script;
        this.timeout = timeout;
        this.output = output;
        lines = output.text().replace("\r", "").lines().toList();
    }

    /**
     * Finds it.
     *
     * @throws RecordingFailedException when it is not there, or not whole
     */
    Transcript find() {
        int start = firstThat(START, 0);
        if (start == lines.size()) {
            throw failed("Xen did not come as far as the script: " + howItEnded());
        }
        int end = firstThat(END, start);
        StringBuilder text =
                new StringBuilder(release(lines.get(start))).append(START).append('\n');
        for (String line : lines.subList(start + 1, end)) {
            if (line.startsWith(DIED)) {
                throw failed("the guest gave up " + after(text) + ": " + line.substring(DIED.length()));
            }
            if (!line.startsWith(OF_XEN)) {
                text.append(line).append('\n');
            }
        }
        if (end == lines.size()) {
            throw failed("Xen did not come to the end of the script; it stopped " + after(text) + ": " + howItEnded());
        }
        return checked(text.append(END).append('\n').toString());
    }

    /** The first line from a place on that contains a mark; as many as there are lines when none does. */
    private int firstThat(String mark, int from) {
        int at = from;
        while (at < lines.size() && !lines.get(at).contains(mark)) {
            at++;
        }
        return at;
    }

    private static String release(String start) {
        Matcher release = RELEASE.matcher(start);
        return release.find() && !release.group(1).equals(USUAL_RELEASE)
                ? "# xen-release=" + release.group(1) + "\n"
                : "";
    }

    private Transcript checked(String text) {
        Recording recording;
        try {
            recording = Recording.of(Path.of(script.name()), script, text);
        } catch (RecordingException e) {
            throw failed("what Xen answered is no recording: " + e.getMessage());
        }
        Completeness.gap(script, recording.answers()).ifPresent(gap -> {
            throw failed(gap);
        });
        return new Transcript(text, recording);
    }

    private static String after(CharSequence text) {
        return text.toString()
                .lines()
                .filter(line -> !line.isEmpty() && Character.isDigit(line.charAt(0)))
                .reduce((earlier, later) -> later)
                .map(line -> "after the answer '" + line + "'")
                .orElse("before the first answer");
    }

    private String howItEnded() {
        return switch (output.end()) {
            case OUT_OF_TIME -> "it was ended after " + timeout.toMillis() / 1000.0 + " s";
            case TOO_LONG -> "it printed more than " + SerialReader.MAX_BYTES + " bytes";
            case BY_ITSELF -> lastWords();
        };
    }

    private String lastWords() {
        String said = output.log();
        return said.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .reduce((earlier, later) -> later)
                .orElse("QEMU ended and said nothing");
    }

    private RecordingFailedException failed(String message) {
        return new RecordingFailedException(script.name(), message, output.log());
    }
}
