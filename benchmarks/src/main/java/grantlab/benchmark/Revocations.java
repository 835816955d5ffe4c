package grantlab.benchmark;

import grantlab.api.iommu.DeviceSpaceCounts;
import java.io.IOException;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What v3_revoke costs: rounds of {@link RevocationBenchmark}, each line in a JVM of its own, and how often devices were made to forget. */
public final class Revocations {
    private static final int USUAL_ROUNDS = 3;
    private static final int WARM_UP = 4;
    private static final int ITERATIONS = 5;
    private static final TimeValue ITERATION = TimeValue.milliseconds(500);
    private static final double FASTEST_TENTH = 10;
    private static final double MOST = 1.5;
    private static final int REPETITIONS = 8;

    private Revocations() {}

    /**
     * The command.
     *
     * @param arguments how many rounds, if not 3
     */
    public static void main(String[] arguments) throws RunnerException, IOException {
        int rounds = arguments.length == 0 ? USUAL_ROUNDS : Integer.parseInt(arguments[0]);
        Map<String, Measured> lines = new TreeMap<>();
        for (int round = 1; round <= rounds; round++) {
            System.err.printf("round %d of %d%n", round, rounds);
            for (RunResult result : run()) {
                lines.computeIfAbsent(result.getParams().getParam("what"), what -> new Measured())
                        .add(result.getPrimaryResult().getStatistics().getPercentile(FASTEST_TENTH), 0);
            }
        }
        System.out.println(
                "| search/others/mappings/IOMMU/of  |   us for a revoke | us for a mapping | spread | device flushes |");
        System.out.println(
                "| ---                              |               --: |              --: |    --: |            --: |");
        lines.forEach(Revocations::print);
        double ratio = time(lines, "records/1000000/1/off/hvm") / time(lines, "records/1000/1/off/hvm");
        System.out.printf(
                Locale.ROOT,
                "%none among a million by one among a thousand: %.2f (at most %.1f): %s%n",
                ratio,
                MOST,
                ratio <= MOST ? "yes" : "NO");
        Pictures.here().revocations(lines);
    }

    static double time(Map<String, Measured> lines, String what) {
        Measured measured = lines.get(what);
        if (measured == null) {
            throw new IllegalStateException("nothing was measured as " + what);
        }
        return measured.time();
    }

    private static Collection<RunResult> run() throws RunnerException {
        return new Runner(new OptionsBuilder()
                        .include(RevocationBenchmark.class.getName())
                        .forks(1)
                        .jvmArgsAppend(
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dguice_bytecode_gen_option=DISABLED")
                        .warmupIterations(WARM_UP)
                        .warmupTime(ITERATION)
                        .measurementIterations(ITERATIONS)
                        .measurementTime(ITERATION)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
    }

    private static void print(String what, Measured measured) {
        int mappings = Integer.parseInt(what.split("/", -1)[2]);
        System.out.printf(
                Locale.ROOT,
                "| %-32s | %17.2f | %16.3f | %6.2f | %14s |%n",
                what,
                measured.time() / 1000,
                measured.time() / 1000 / mappings,
                measured.spread(),
                what.contains("/off/") ? "" : String.valueOf(flushes(what)));
    }

    /** How often somebody waited until all devices had forgotten, for one revocation. */
    private static double flushes(String what) {
        try (Revoking revoking = RevocationBenchmark.of(what)) {
            long drains = 0;
            for (int n = 0; n < REPETITIONS; n++) {
                revoking.map();
                DeviceSpaceCounts before = revoking.deviceCounts();
                revoking.revoke();
                drains += revoking.deviceCounts().drains() - before.drains();
                revoking.acknowledge();
            }
            return (double) drains / REPETITIONS;
        }
    }
}
