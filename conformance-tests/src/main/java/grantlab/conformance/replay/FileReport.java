package grantlab.conformance.replay;

import java.nio.file.Path;
import java.util.List;

/**
 * What came of one recording.
 *
 * @param file of the script
 * @param ops how many answers Xen gave
 * @param agreements to how many of them the same was answered here
 * @param differences the first ones, in the order of the script
 * @param surplus how many lines were answered here of which Xen said nothing
 * @param nanos how long it took to execute the script and compare, on a machine that was ready
 */
public record FileReport(Path file, int ops, int agreements, int surplus, List<Difference> differences, long nanos) {
    /** Takes a copy. */
    public FileReport {
        differences = List.copyOf(differences);
    }

    /**
     * Whether every answer was Xen's, and there was one.
     *
     * @return true if so
     */
    public boolean agrees() {
        return ops > 0 && agreements == ops && surplus == 0;
    }

    /** {@code FILE ops=N agree=M}. */
    @Override
    public String toString() {
        return file + " ops=" + ops + " agree=" + agreements;
    }
}
