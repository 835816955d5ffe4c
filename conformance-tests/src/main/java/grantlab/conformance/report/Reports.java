package grantlab.conformance.report;

import grantlab.conformance.MatrixResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        write(result, started, null, directory);
    }

    /**
     * Writes all of them, compared with an earlier run.
     *
     * @param result of a matrix
     * @param started when it began
     * @param earlier the other run; null for none
     * @param directory made if it does not exist
     * @throws IOException when it cannot be written
     */
    public static void write(MatrixResult result, Instant started, @Nullable EarlierRun earlier, Path directory)
            throws IOException {
        write(MatrixDocument.of(result, started).comparedWith(earlier), directory);
        Files.writeString(directory.resolve(JUNIT), JUnitReport.of(result, started));
    }

    /**
     * Puts the parts of one matrix together, and writes page and document of the whole.
     *
     * @param parts a matrix.json of each, in any order
     * @param directory made if it does not exist
     * @return whether every promise is kept
     * @throws IOException when something cannot be read or written
     * @throws grantlab.hypervisor.ConfigurationException when they are not the parts of one matrix
     */
    public static boolean merge(List<Path> parts, Path directory) throws IOException {
        List<MatrixDocument> documents = new ArrayList<>();
        for (Path part : parts) {
            documents.add(MatrixDocument.read(part));
        }
        MatrixDocument whole = MatrixDocument.merged(documents);
        write(whole, directory);
        return whole.success();
    }

    private static void write(MatrixDocument document, Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(JSON), JsonReport.indented(document));
        Files.writeString(directory.resolve(HTML), HtmlReport.of(document));
    }
}
