package grantlab.conformance.record;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Sees to it that a process ends: when its time is up, when the watch is closed, and when this process ends before it.
 * A process ends with all that it has started.
 */
final class Watch implements AutoCloseable {
    private final Process process;
    private final Thread atExit;
    private volatile boolean expired;

    private Watch(Process process) {
        this.process = process;
        atExit = new Thread(this::end, "recorder-end");
    }

    /**
     * Begins.
     *
     * @param process that has just been started
     * @param time that it has
     */
    static Watch over(Process process, Duration time) {
        Watch watch = new Watch(process);
        try {
            Runtime.getRuntime().addShutdownHook(watch.atExit);
        } catch (IllegalStateException e) { // this process is ending already
            watch.end();
        }
        Thread.ofVirtual().name("recorder-watch").start(() -> watch.expireAfter(time));
        return watch;
    }

    private void expireAfter(Duration time) {
        try {
            if (!process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS)) {
                expired = true;
                end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the time was up before the process ended. */
    boolean hasExpired() {
        return expired;
    }

    /** Through handles: Process.destroyForcibly would close the streams under the one who reads them. */
    private void end() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.toHandle().destroyForcibly();
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) { // it is running, and does the same
            return;
        }
    }
}
