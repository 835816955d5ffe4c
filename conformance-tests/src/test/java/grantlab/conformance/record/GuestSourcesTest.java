package grantlab.conformance.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestSourcesTest {
    /** Tests run in the directory of the module. */
    private static final Path SOURCES = Path.of("recorder", "src");

    @TempDir
    private Path directory;

    @Test
    void shouldHaveAllSourcesAndNoOthers() throws IOException {
        GuestSources.copyTo(directory);
        try (Stream<Path> files = Files.list(SOURCES)) {
            assertThat(GuestSources.names())
                    .containsExactlyInAnyOrderElementsOf(
                            files.map(file -> file.getFileName().toString()).toList());
        }
        for (String name : GuestSources.names()) {
            assertThat(directory.resolve(name)).hasSameBinaryContentAs(SOURCES.resolve(name));
        }
    }
}
