package grantlab.conformance.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Files that are made once and kept. Of two that make the same file at once, in one process or in two, both get a whole
 * one.
 *
 * @param directory where they are kept
 */
record Cache(Path directory) {
    /** Makes a file. */
    @FunctionalInterface
    interface Maker {
        /**
         * Makes it.
         *
         * @param work an empty directory for all that comes up on the way
         * @return the file, inside of that directory
         * @throws IOException when a file cannot be read or written
         */
        Path make(Path work) throws IOException;
    }

    /**
     * A file.
     *
     * @param name that tells it from files made from other things
     * @param maker is asked when there is no such file yet
     * @return the file
     */
    Path file(String name, Maker maker) throws IOException {
        Path file = directory.toAbsolutePath().resolve(name);
        if (!Files.isRegularFile(file)) {
            Files.createDirectories(directory);
            try (WorkDirectory work = WorkDirectory.in(directory)) {
                Files.move(maker.make(work.path()), file, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return file;
    }
}
