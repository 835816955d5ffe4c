package grantlab.conformance.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory for one piece of work, gone when it is done.
 *
 * @param path where it is
 */
record WorkDirectory(Path path) implements AutoCloseable {
    private static final String PREFIX = "grantlab-record-";

    /** A directory among the system's temporary files. */
    static WorkDirectory temporary() throws IOException {
        return new WorkDirectory(Files.createTempDirectory(PREFIX));
    }

    /** A directory inside of another, from which files can be moved to there in one step. */
    static WorkDirectory in(Path parent) throws IOException {
        return new WorkDirectory(Files.createTempDirectory(parent, PREFIX));
    }

    @Override
    public void close() throws IOException {
        List<Path> contents;
        try (Stream<Path> files = Files.walk(path)) {
            contents = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : contents) {
            Files.deleteIfExists(file);
        }
    }
}
