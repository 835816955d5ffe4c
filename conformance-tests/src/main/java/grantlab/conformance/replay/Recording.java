package grantlab.conformance.replay;

import grantlab.conformance.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A script and what Xen answered to it.
 *
 * @param file of the script
 * @param script what was executed
 * @param answers the result lines by the number of the script line
 * @param release the release of Xen that answered, if the answers begin with the remark {@code # xen-release=4.20}
 */
public record Recording(Path file, Script script, Map<Integer, String> answers, Optional<String> release) {
    private static final String SCRIPT = ".txt";
    private static final String RESULT = ".res";

    /**
     * Reads a recording.
     *
     * @param file {@code NAME.txt}; the answers are beside it in {@code NAME.res}
     * @return the recording
     * @throws IOException when a file cannot be read
     * @throws RecordingException when there are no answers, or not all
     * @throws grantlab.conformance.script.ScriptException when a line of the script has not the form of an operation
     */
    public static Recording read(Path file) throws IOException {
        Path answerFile = answersOf(file);
        if (!Files.isRegularFile(file)) {
            throw new RecordingException(file, "there is no such script");
        }
        if (!Files.isRegularFile(answerFile)) {
            throw new RecordingException(
                    file, "there are no recorded answers: expected " + answerFile.getFileName() + " beside it");
        }
        Answers answers = Answers.parse(answerFile, Files.readString(answerFile));
        return new Recording(file, Script.read(file), answers.byLine(), answers.release());
    }

    /**
     * A recording that is in no file yet.
     *
     * @param file that the script has or would have; messages name it
     * @param script what was executed
     * @param text what would stand in {@code NAME.res}
     * @return the recording
     * @throws RecordingException when the text is no recording, or not a whole one
     */
    public static Recording of(Path file, Script script, String text) {
        Answers answers = Answers.parse(file, text);
        return new Recording(file, script, answers.byLine(), answers.release());
    }

    /** Whether a file is a script by its name. */
    static boolean isScript(Path file) {
        return file.toString().endsWith(SCRIPT) && Files.isRegularFile(file);
    }

    /**
     * Where the answers to a script are.
     *
     * @param file {@code NAME.txt}
     * @return {@code NAME.res} beside it
     * @throws RecordingException when the script has no such name
     */
    public static Path answersOf(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(SCRIPT)) {
            throw new RecordingException(file, "a recording is named by its script, NAME" + SCRIPT);
        }
        return file.resolveSibling(name.substring(0, name.length() - SCRIPT.length()) + RESULT);
    }

    @Override
    public String toString() {
        return String.valueOf(file.getFileName());
    }
}
