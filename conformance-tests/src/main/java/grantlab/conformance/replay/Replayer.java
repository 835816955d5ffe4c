package grantlab.conformance.replay;

import grantlab.api.Capability;
import grantlab.conformance.script.Interpreter;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Path;

/** Executes a recorded script again and compares the answers. */
public final class Replayer {
    private final Settings settings;
    private final int shown;
    private final boolean trees;

    /**
     * A replayer.
     *
     * @param settings the machine's; {@code #!xen} lines of a script change its limits, and answers that name a release
     *     of Xen are compared with the rules of that release. With a tree format the numbers of grants v3 are known calls
     * @param shown how many differences of a recording are kept at most
     */
    public Replayer(Settings settings, int shown) {
        this.settings = settings;
        this.shown = shown;
        this.trees =
                Installed.find().format(settings.grantFormat()).capabilities().contains(Capability.LAYOUT_TREE);
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
        Judgement judgement = new Judgement(recording, trees);
        Settings ofRelease = recording.release().map(settings::withXenRelease).orElse(settings);
        try (Interpreter interpreter = new Interpreter(recording.script(), ofRelease, judgement)) {
            long begun = System.nanoTime();
            interpreter.run();
            long ended = System.nanoTime();
            interpreter.machine().checkInvariants();
            return judgement.report(ended - begun, shown);
        }
    }
}
