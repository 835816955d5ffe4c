package grantlab.conformance.replay;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What came of several recordings.
 *
 * @param files in the order in which they were replayed
 */
public record ReplayReport(List<FileReport> files) {
    /** Takes a copy. */
    public ReplayReport {
        files = List.copyOf(files);
    }

    /**
     * How many answers Xen gave.
     *
     * @return the sum over all recordings
     */
    public int ops() {
        return files.stream().mapToInt(FileReport::ops).sum();
    }

    /**
     * To how many of them the same was answered here.
     *
     * @return the sum over all recordings
     */
    public int agreements() {
        return files.stream().mapToInt(FileReport::agreements).sum();
    }

    /**
     * How fast it went: executed and compared, by one thread, on machines that were ready.
     *
     * @return operations a second; zero when nothing was measured
     */
    public long opsPerSecond() {
        long nanos = files.stream().mapToLong(FileReport::nanos).sum();
        return nanos == 0 ? 0 : ops() * TimeUnit.SECONDS.toNanos(1) / nanos;
    }

    /**
     * Whether all is as expected. Nothing executed is never a success: without a recording, or with one that has no
     * answer, it is not.
     *
     * @return true when every answer of every recording was Xen's
     */
    public boolean agrees() {
        return !files.isEmpty() && files.stream().allMatch(FileReport::agrees);
    }

    /** {@code total files=F ops=N agree=M}. */
    @Override
    public String toString() {
        return "total files=" + files.size() + " ops=" + ops() + " agree=" + agreements();
    }
}
