package grantlab.conformance.record;

import grantlab.conformance.script.RecorderGrammar;
import grantlab.conformance.script.Script;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a real Xen what it answers to scripts. Each script gets a machine of its own: it takes one to three seconds, one
 * processor and half a gigabyte.
 *
 * <p>Any thread may record, several at once.
 */
public final class Recorder {
    private final RecorderSettings settings;
    private @Nullable XenRun machine;

    /**
     * A recorder. Nothing is looked for yet.
     *
     * @param settings what it works with
     */
    public Recorder(RecorderSettings settings) {
        this.settings = settings;
    }

    /**
     * Makes ready what the first recording would make ready: finds everything that is needed, compiles the guest and
     * unpacks the hypervisor.
     *
     * @throws IOException when a file cannot be read or written
     * @throws RequirementException when something that is needed is missing; it names all of that, and the packages
     */
    public void prepare() throws IOException {
        machine();
    }

    /**
     * Records a script.
     *
     * @param script its text
     * @return what Xen answered
     * @throws IOException when a file cannot be read or written
     * @throws grantlab.conformance.script.ScriptException when the script is not right; nothing was started
     * @throws RequirementException when something that is needed is missing
     * @throws RecordingFailedException when Xen did not come to the end of the script
     */
    public Transcript record(String script) throws IOException {
        return record("script", script, () -> {});
    }

    /**
     * Records a script.
     *
     * @param name of the script, for messages
     * @param text of it
     * @param answered is told when an answer begins, on the thread that calls
     * @return what Xen answered
     * @throws IOException when a file cannot be read or written
     * @throws grantlab.conformance.script.ScriptException when the script is not right; nothing was started
     * @throws RequirementException when something that is needed is missing
     * @throws RecordingFailedException when Xen did not come to the end of the script
     */
    public Transcript record(String name, String text, Runnable answered) throws IOException {
        Script script = Script.parse(name, text);
        RecorderGrammar.check(script);
        SerialOutput output = machine().run(text, script.xenOptions(), answered);
        return new TranscriptFinder(script, settings.timeout(), output).find();
    }

    private synchronized XenRun machine() throws IOException {
        if (machine == null) {
            Equipment equipment = Equipment.find(settings, SearchPath.ofProcess());
            Cache cache = new Cache(settings.cache());
            machine = new XenRun(
                    equipment.emulator(),
                    XenImage.unpacked(equipment.xen(), cache),
                    new GuestBuild(equipment, cache).image(),
                    settings.timeout());
        }
        return machine;
    }
}
