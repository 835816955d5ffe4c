package grantlab.benchmark;

import java.util.ArrayList;
import java.util.List;

/** One benchmark with one set of parameters: its figure of each round. */
final class Measured {
    private final List<Double> nanoseconds = new ArrayList<>();
    private final List<Double> bytes = new ArrayList<>();

    /**
     * A round.
     *
     * @param time per operation
     * @param allocated bytes per operation
     */
    void add(double time, double allocated) {
        nanoseconds.add(time);
        bytes.add(allocated);
    }

    /** The median of all rounds. */
    double time() {
        return median(nanoseconds);
    }

    /** Bytes per operation: the worst round. */
    double allocated() {
        return bytes.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    }

    /** How far apart rounds were: the slowest by the fastest. */
    double spread() {
        double[] sorted =
                nanoseconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[sorted.length - 1] / sorted[0];
    }

    /** The figure of one round. */
    double time(int round) {
        return nanoseconds.get(round);
    }

    static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
