package grantlab.conformance.record;

import grantlab.conformance.replay.Recording;
import grantlab.conformance.script.RecorderGrammar;
import grantlab.conformance.script.Script;
import grantlab.conformance.script.ScriptException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A script that is to be recorded, read and found right.
 *
 * @param source where it was read
 * @param target where it stands beside its answers: the same file, or one in another directory
 * @param text all of it
 * @param operations how many answers it asks for
 */
public record ScriptFile(Path source, Path target, String text, int operations) {
    /**
     * Reads scripts. Nothing is written.
     *
     * @param files each {@code NAME.txt}
     * @param directory where the recordings go; null means beside each script
     * @return in the same order
     * @throws IOException when a file cannot be read
     * @throws ScriptException when a script is not right, or would get in the way of another
     * @throws grantlab.conformance.replay.RecordingException when a file has no name of a script
     */
    public static List<ScriptFile> read(Collection<Path> files, @Nullable Path directory) throws IOException {
        List<ScriptFile> scripts = new ArrayList<>();
        Map<Path, Path> sources = new HashMap<>();
        for (Path file : files) {
            ScriptFile script = read(file, directory);
            Path other = sources.put(script.target().toAbsolutePath().normalize(), file);
            if (other != null) {
                throw new ScriptException(
                        file.toString(), "its recording would go where that of " + other + " goes: " + script.target());
            }
            scripts.add(script);
        }
        return scripts;
    }

    private static ScriptFile read(Path file, @Nullable Path directory) throws IOException {
        if (Files.isDirectory(file)) {
            throw new ScriptException(file.toString(), "this is a directory; name its scripts: " + file + "/*.txt");
        }
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.UTF_8);
        Script script = Script.parse(file.toString(), text);
        RecorderGrammar.check(script);
        Path target = directory == null ? file : directory.resolve(file.getFileName());
        Recording.answersOf(target);
        if (Files.exists(target) && Files.mismatch(file, target) >= 0) {
            throw new ScriptException(file.toString(), "another script of that name stands in " + directory);
        }
        return new ScriptFile(file, target, text, script.lines().size());
    }

    /**
     * Where the answers go.
     *
     * @return {@code NAME.res} beside the target
     */
    public Path answersFile() {
        return Recording.answersOf(target);
    }

    /** Where everything that was said goes when there is no recording. */
    Path failureLog() {
        return target.resolveSibling(target.getFileName() + ".failed.log");
    }
}
