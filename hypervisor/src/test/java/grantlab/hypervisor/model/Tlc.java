package grantlab.hypervisor.model;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The checker of TLA+ models, in a JVM of its own for each run: it keeps what it knows of a model in static fields. */
final class Tlc {
    private static final Pattern STATES =
            Pattern.compile("\\d+ states generated, (?<distinct>\\d+) distinct states found, 0 states left on queue");
    private static final Pattern PAIR = Pattern.compile("(?m)^<<\"(?<first>[^\"]+)\", \"(?<second>\\w+)\">>$");

    private Tlc() {}

    /**
     * What came of a run.
     *
     * @param text all that the checker wrote
     */
    record Result(String text) {
        /** Whether the whole model was searched and nothing was found. */
        boolean sound() {
            return text.contains("Model checking completed. No error has been found.");
        }

        /** How many states there are; zero when not all were searched. */
        int states() {
            Matcher matcher = STATES.matcher(text);
            return matcher.find() ? Integer.parseInt(matcher.group("distinct")) : 0;
        }

        /** Pairs of texts that the model prints. */
        Map<String, String> printed() {
            return PAIR.matcher(text)
                    .results()
                    .collect(Collectors.toMap(pair -> pair.group("first"), pair -> pair.group("second")));
        }
    }

    /**
     * Checks a model.
     *
     * @param directory of its modules
     * @param module to begin with
     * @param configuration of it
     * @param scratch an empty directory for the checker
     * @return what came of it
     */
    static Result check(Path directory, String module, String configuration, Path scratch)
            throws IOException, InterruptedException {
        // It looks for modules where it runs.
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.copy(file, scratch.resolve(file.getFileName()));
            }
        }
        Path output = scratch.resolve("output");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx512m",
                        "-cp",
                        jar(),
                        "tlc2.TLC",
                        "-cleanup",
                        "-workers",
                        "1",
                        "-metadir",
                        "states",
                        "-config",
                        configuration,
                        module))
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.waitFor();
        return new Result(Files.readString(output, StandardCharsets.UTF_8));
    }

    private static String jar() {
        try {
            return Path.of(Class.forName("tlc2.TLC", false, Tlc.class.getClassLoader())
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (ReflectiveOperationException | URISyntaxException e) {
            throw new IllegalStateException("the checker is not among the tests' libraries", e);
        }
    }
}
