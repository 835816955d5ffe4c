package grantlab.conformance.record;

import grantlab.conformance.record.FileOutcome.Before;
import grantlab.conformance.record.FileOutcome.Failed;
import grantlab.conformance.record.FileOutcome.Recorded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Records script files: what {@code grantlab record} does. Answers replace those that stood there before, in one step
 * and only when they are whole.
 */
public final class FileRecorder {
    private final Recorder recorder;
    private final int jobs;

    /**
     * A recorder of files.
     *
     * @param recorder asks Xen
     * @param jobs how many machines run at once, at least 1
     */
    public FileRecorder(Recorder recorder, int jobs) {
        this.recorder = recorder;
        this.jobs = jobs;
    }

    /**
     * Records them all; one that fails keeps no other from being recorded.
     *
     * @param scripts what to record
     * @param answered is told when an answer begins; any thread
     * @return what came of each, in the same order
     * @throws IOException when a file cannot be read or written
     * @throws RequirementException when something that is needed is missing
     */
    public List<FileOutcome> record(List<ScriptFile> scripts, Runnable answered) throws IOException {
        recorder.prepare();
        try (ExecutorService machines = Executors.newFixedThreadPool(jobs)) {
            List<Future<FileOutcome>> running = new ArrayList<>();
            for (ScriptFile script : scripts) {
                running.add(machines.submit(() -> record(script, answered)));
            }
            try {
                return all(running);
            } finally {
                machines.shutdownNow(); // when one could not be written, nobody waits for the others
            }
        }
    }

    private static List<FileOutcome> all(List<Future<FileOutcome>> running) throws IOException {
        List<FileOutcome> outcomes = new ArrayList<>();
        try {
            for (Future<FileOutcome> one : running) {
                outcomes.add(one.get());
            }
            return outcomes;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException unreadable) {
                throw unreadable;
            }
            throw cause instanceof RuntimeException ours ? ours : new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while Xen was running", e);
        }
    }

    private FileOutcome record(ScriptFile script, Runnable answered) throws IOException {
        Files.createDirectories(script.target().toAbsolutePath().getParent());
        Transcript transcript;
        try {
            transcript = recorder.record(script.source().toString(), script.text(), answered);
        } catch (RecordingFailedException e) {
            Files.writeString(script.failureLog(), e.log());
            return new Failed(script.source(), String.valueOf(e.getMessage()), script.failureLog());
        }
        Files.deleteIfExists(script.failureLog());
        if (!Files.exists(script.target())) {
            Files.copy(script.source(), script.target());
        }
        return new Recorded(script.source(), script.answersFile(), transcript.answers(), keep(transcript, script));
    }

    private static Before keep(Transcript transcript, ScriptFile script) throws IOException {
        Path file = script.answersFile();
        Before before = before(file, transcript.text());
        if (before != Before.THE_SAME) {
            Path whole = file.resolveSibling(
                    "." + file.getFileName() + "." + ProcessHandle.current().pid());
            try {
                Files.writeString(whole, transcript.text());
                Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
        }
        return before;
    }

    private static Before before(Path file, String text) throws IOException {
        if (!Files.exists(file)) {
            return Before.NOTHING;
        }
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).equals(text)
                ? Before.THE_SAME
                : Before.OTHERS;
    }
}
