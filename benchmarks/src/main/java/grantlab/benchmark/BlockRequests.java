package grantlab.benchmark;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs {@link BlockBenchmark} and prints and draws requests per second, beside the exits that a request takes. */
final class BlockRequests {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int COUNTED = 1_000;
    private static final TimeValue ITERATION = TimeValue.milliseconds(300);
    private static final String FORMAT = "| %-30s | %5s | %12s | %12s | %9s | %9s |";

    private BlockRequests() {}

    static void print() throws RunnerException, IOException {
        Map<String, Double> perSecond = new TreeMap<>();
        for (RunResult result : new Runner(new OptionsBuilder()
                        .include(BlockBenchmark.class.getSimpleName())
                        .forks(1)
                        .jvmArgsAppend(
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dguice_bytecode_gen_option=DISABLED")
                        .warmupIterations(4)
                        .warmupTime(ITERATION)
                        .measurementIterations(5)
                        .measurementTime(ITERATION)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run()) {
            String way = result.getParams().getParam("way");
            String depth = result.getParams().getParam("depth");
            String exit = result.getParams().getParam("exit");
            double round = result.getPrimaryResult().getStatistics().getPercentile(50);
            perSecond.put(way + " " + depth + " " + exit, Integer.parseInt(depth) * NANOS_PER_SECOND / round);
        }
        System.out.println(String.format(FORMAT, "way", "depth", "req/s, 0", "req/s, 1000", "exits", "driver's"));
        System.out.println(String.format(FORMAT, "---", "--:", "--:", "--:", "--:", "--:"));
        for (String key : perSecond.keySet()) {
            List<String> parts = List.of(key.split(" ", -1));
            if (parts.getLast().equals("0")) {
                line(perSecond, parts.get(0), parts.get(1));
            }
        }
        Pictures.here().requests(perSecond);
    }

    private static void line(Map<String, Double> perSecond, String way, String depth) {
        int requests = Integer.parseInt(depth);
        try (BlockLaboratory laboratory =
                new BlockLaboratory(BlockBenchmark.transport(way), BlockBenchmark.mode(way), requests, 0)) {
            laboratory.round();
            long exits = laboratory.exits();
            long drivers = laboratory.driverExits();
            for (int n = 0; n < COUNTED; n++) {
                laboratory.round();
            }
            double done = (double) COUNTED * requests;
            System.out.println(String.format(
                    FORMAT,
                    way,
                    depth,
                    whole(perSecond.getOrDefault(way + " " + depth + " 0", Double.NaN)),
                    whole(perSecond.getOrDefault(way + " " + depth + " 1000", Double.NaN)),
                    Line.number((laboratory.exits() - exits) / done, 3),
                    Line.number((laboratory.driverExits() - drivers) / done, 3)));
        }
    }

    private static String whole(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }
}
