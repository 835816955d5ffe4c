package grantlab.conformance.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a campaign leaves on disk: for each discovery the smallest script, the one that was generated, and a note. */
public final class Souvenirs {
    private Souvenirs() {}

    /**
     * Writes.
     *
     * @param culprits what was found
     * @param directory where; it is made if there is something to write
     * @return the smallest scripts
     * @throws IOException when that cannot be done
     */
    public static List<Path> save(List<Culprit> culprits, Path directory) throws IOException {
        List<Path> scripts = new ArrayList<>();
        for (Culprit culprit : culprits) {
            Files.createDirectories(directory);
            Path least = directory.resolve(culprit.name() + ".txt");
            Files.writeString(least, culprit.least());
            Files.writeString(directory.resolve(culprit.name() + ".full.txt"), culprit.script());
            Files.writeString(directory.resolve(culprit.name() + ".note"), note(culprit, least));
            scripts.add(least);
        }
        return scripts;
    }

    private static String note(Culprit culprit, Path least) {
        return """
                %s

                mode %s, seed %d, %d operations; the script as it was generated is in %s.full.txt
                again: grantlab fuzz --script %s
                """.formatted(
                culprit.discovery(), culprit.mode(), culprit.seed(), culprit.operations(), culprit.name(), least);
    }
}
