package grantlab.conformance.replay;

import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Replays files and directories of recordings: what {@code grantlab replay} does. */
public final class Replay {
    private final Replayer replayer;

    /**
     * A replay.
     *
     * @param settings the machine's; {@code #!xen} lines of a script change its limits
     * @param shown how many differences of a recording are kept at most
     */
    public Replay(Settings settings, int shown) {
        replayer = new Replayer(settings, shown);
    }

    /**
     * Replays recordings. All of them are read before the first is executed.
     *
     * @param paths scripts, and directories whose scripts are meant, those below them too
     * @param progress is given each recording's report as soon as it is known
     * @return all reports
     * @throws IOException when a file cannot be read
     * @throws RecordingException when a path is nothing that can be replayed, or there is nothing to replay at all
     * @throws grantlab.conformance.script.ScriptException when a script cannot be executed at all
     * @throws grantlab.hypervisor.ConfigurationException when there cannot be such a machine
     */
    public ReplayReport replay(Collection<Path> paths, Consumer<FileReport> progress) throws IOException {
        List<Recording> recordings = new ArrayList<>();
        for (Path script : scripts(paths)) {
            recordings.add(Recording.read(script));
        }
        List<FileReport> reports = new ArrayList<>();
        for (Recording recording : recordings) {
            FileReport report = replayer.replay(recording);
            progress.accept(report);
            reports.add(report);
        }
        return new ReplayReport(reports);
    }

    private static Set<Path> scripts(Collection<Path> paths) throws IOException {
        Set<Path> scripts = new LinkedHashSet<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                List<Path> found = Recordings.scriptsIn(path);
                if (found.isEmpty()) {
                    throw new RecordingException(
                            path, "no script *.txt in this directory, so there is nothing to replay");
                }
                scripts.addAll(found);
            } else {
                scripts.add(path);
            }
        }
        return scripts;
    }
}
