package grantlab.benchmark;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What JMH measured so far, by benchmark and parameters. */
final class Rounds {
    private static final int WARM_UP = 4;
    private static final int ITERATIONS = 5;
    private static final TimeValue ITERATION = TimeValue.milliseconds(400);

    /** The fastest tenth: of two threads on a busy machine, one has no processor in many a sample. */
    private static final double PERCENTILE = 10;

    private final Map<String, Measured> byName = new LinkedHashMap<>();

    /** One more round: a JVM for each benchmark. */
    void run() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("grantlab\\.benchmark\\.")
                        .exclude(BlockBenchmark.class.getSimpleName())
                        .exclude(RevocationBenchmark.class.getSimpleName())
                        .forks(1)
                        .jvmArgsAppend(
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dguice_bytecode_gen_option=DISABLED")
                        .warmupIterations(WARM_UP)
                        .warmupTime(ITERATION)
                        .measurementIterations(ITERATIONS)
                        .measurementTime(ITERATION)
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        for (RunResult result : results) {
            int operations = operations(result.getParams());
            double time = result.getPrimaryResult().getStatistics().getPercentile(PERCENTILE) / operations;
            byName.computeIfAbsent(name(result.getParams()), name -> new Measured())
                    .add(time, allocated(result) / operations);
        }
    }

    /** Of both threads together. JMH would divide a sample by them in whole nanoseconds: so it is not told. */
    private static int operations(BenchmarkParams params) {
        String method = params.getBenchmark();
        return switch (method.substring(method.lastIndexOf('.') + 1)) {
            case "compareAndSet" -> Floors.EXCHANGES;
            case "compareAndSetApart", "compareAndSetContended" -> 2 * Floors.EXCHANGES;
            case "memcpy" -> Floors.COPIES;
            case "walk" -> TranslateBenchmark.WALKS;
            case "copy" -> CopyBenchmark.COPIES;
            case "differentReferences", "sameReference" -> Mapping.PAIRS * Integer.parseInt(params.getParam("threads"));
            case "leaves" -> {
                String shape = params.getParam("what");
                yield LeafBenchmark.REPETITIONS
                        * LeafShape.of(shape.substring(0, shape.indexOf('/'))).mappings();
            }
            default -> throw new IllegalStateException("how many operations is an invocation of " + method + "?");
        };
    }

    private static double allocated(RunResult result) {
        Result<?> norm = result.getSecondaryResults().get("gc.alloc.rate.norm");
        return norm == null ? Double.NaN : norm.getScore();
    }

    /** The method, and the parameters in the order of their names. */
    private static String name(BenchmarkParams params) {
        StringBuilder name = new StringBuilder(params.getBenchmark().replaceAll(".*\\.", ""));
        for (String key : params.getParamsKeys()) {
            name.append(' ').append(key).append('=').append(params.getParam(key));
        }
        return name.toString();
    }

    Measured of(String name) {
        Measured measured = byName.get(name);
        if (measured == null) {
            throw new IllegalArgumentException("nothing was measured as '" + name + "'; there is " + byName.keySet());
        }
        return measured;
    }
}
