package grantlab.conformance.report;

import grantlab.conformance.MatrixResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** The files that a matrix leaves behind. */
public final class Reports {
    /** The page for people. */
    public static final String HTML = "matrix.html";

    /** The document for programs. */
    public static final String JSON = "matrix.json";

    /** The document for build servers. */
    public static final String JUNIT = "matrix.junit.xml";

    private Reports() {}

    /**
     * Writes all of them.
     *
     * @param result of a matrix
     * @param started when it began
     * @param directory made if it does not exist
     * @throws IOException when it cannot be written
     */
    public static void write(MatrixResult result, Instant started, Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(JSON), JsonReport.of(result, started));
        Files.writeString(directory.resolve(JUNIT), JUnitReport.of(result, started));
        Files.writeString(directory.resolve(HTML), HtmlReport.of(result, started));
    }
}
