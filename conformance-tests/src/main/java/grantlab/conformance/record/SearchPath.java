package grantlab.conformance.record;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where programs are looked for.
 *
 * @param directories the first that has a program has it for all
 */
record SearchPath(List<Path> directories) {
    /** The PATH of this process. */
    static SearchPath ofProcess() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return new SearchPath(Arrays.stream(path.split(File.pathSeparator))
                .filter(directory -> !directory.isEmpty())
                .map(Path::of)
                .toList());
    }

    /**
     * Looks for a program.
     *
     * @param program a name, which is looked for, or a path, which is taken as it is
     * @return where it is
     */
    Optional<Path> find(String program) {
        if (program.contains("/")) {
            return Optional.of(Path.of(program).toAbsolutePath()).filter(SearchPath::isProgram);
        }
        return directories.stream()
                .map(Path::toAbsolutePath)
                .map(directory -> directory.resolve(program))
                .filter(SearchPath::isProgram)
                .findFirst();
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
