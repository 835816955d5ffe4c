package grantlab.conformance.fuzz;

import grantlab.conformance.record.Recorder;
import grantlab.conformance.record.RecordingFailedException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Real Xen, asked by the recorder. Any thread. */
public final class XenJudge implements Judge {
    private final Recorder recorder;
    private final List<String> silent = new CopyOnWriteArrayList<>();

    /**
     * A judge.
     *
     * @param recorder how Xen is asked
     */
    public XenJudge(Recorder recorder) {
        this.recorder = recorder;
    }

    @Override
    public Optional<Map<Integer, String>> answers(String name, String script) throws IOException {
        try {
            return Optional.of(
                    recorder.record(name, script, () -> {}).recording().answers());
        } catch (RecordingFailedException e) {
            silent.add(name);
            return Optional.empty();
        }
    }

    /**
     * The scripts to whose end Xen did not come: it, or its control domain, was crashed on the way, or did not come back.
     *
     * @return their names
     */
    public List<String> silent() {
        return List.copyOf(silent);
    }
}
