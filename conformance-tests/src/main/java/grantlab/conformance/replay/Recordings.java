package grantlab.conformance.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The recordings of a directory. */
public final class Recordings {
    private Recordings() {}

    /**
     * All recordings of a directory and the directories below it.
     *
     * @param directory where to look for {@code NAME.txt} with {@code NAME.res}
     * @return in the order of their paths; perhaps none
     * @throws IOException when a file cannot be read
     * @throws RecordingException when a script has no answers, or not all
     */
    public static List<Recording> in(Path directory) throws IOException {
        List<Recording> recordings = new ArrayList<>();
        for (Path script : scriptsIn(directory)) {
            recordings.add(Recording.read(script));
        }
        return recordings;
    }

    /** The scripts of a directory and the directories below it, sorted. */
    static List<Path> scriptsIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Recording::isScript).sorted().toList();
        }
    }
}
