package grantlab.conformance.replay;

import grantlab.conformance.script.Interpreter;
import grantlab.conformance.script.Line;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Executes a recorded script again and compares the answers. */
public final class Replayer {
    private final Settings settings;
    private final int shown;

    /**
     * A replayer.
     *
     * @param settings the machine's; {@code #!xen} lines of a script change its limits, and answers that name a release
     *     of Xen are compared with the rules of that release
     * @param shown how many differences of a recording are kept at most
     */
    public Replayer(Settings settings, int shown) {
        this.settings = settings;
        this.shown = shown;
    }

    /**
     * Replays a recording.
     *
     * @param file its script
     * @return what came of it
     * @throws IOException when a file cannot be read
     * @throws RecordingException when there are no recorded answers, or not all
     * @throws grantlab.conformance.script.ScriptException when the script cannot be executed at all
     * @throws grantlab.hypervisor.ConfigurationException when there cannot be such a machine
     */
    public FileReport replay(Path file) throws IOException {
        return replay(Recording.read(file));
    }

    /**
     * Replays a recording.
     *
     * @param recording script and answers
     * @return what came of it
     * @throws grantlab.conformance.script.ScriptException when the script cannot be executed at all
     * @throws grantlab.hypervisor.ConfigurationException when there cannot be such a machine
     */
    public FileReport replay(Recording recording) {
        Map<Integer, String> got = new LinkedHashMap<>();
        Settings ofRelease = recording.release().map(settings::withXenRelease).orElse(settings);
        try (Interpreter interpreter = new Interpreter(
                recording.script(), ofRelease, line -> got.putIfAbsent(Answers.lineNumber(line), line))) {
            interpreter.run();
            interpreter.machine().checkInvariants();
        }
        got.remove(0);
        return compare(recording, got);
    }

    private FileReport compare(Recording recording, Map<Integer, String> got) {
        Map<Integer, String> expected = recording.answers();
        Map<Integer, Line> operations =
                recording.script().lines().stream().collect(Collectors.toMap(Line::number, line -> line));
        TreeSet<Integer> lines = new TreeSet<>(expected.keySet());
        lines.addAll(got.keySet());
        List<Difference> differences = new ArrayList<>();
        int agreements = 0;
        for (int line : lines) {
            if (Objects.equals(expected.get(line), got.get(line))) {
                agreements++;
            } else if (differences.size() < shown) {
                Line operation = operations.get(line);
                differences.add(new Difference(
                        recording.file(),
                        line,
                        operation == null ? "(no operation)" : operation.text(),
                        expected.getOrDefault(line, Difference.NO_ANSWER),
                        got.getOrDefault(line, Difference.NO_ANSWER)));
            }
        }
        return new FileReport(
                recording.file(), expected.size(), agreements, lines.size() - expected.size(), differences);
    }
}
