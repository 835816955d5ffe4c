package grantlab.conformance.record;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The guest's sources, as the jar has them. */
final class GuestSources {
    /** The linker's script. */
    static final String LAYOUT = "guest.ld";

    /** What is compiled. */
    static final List<String> UNITS = List.of(
            "boot.S",
            "agent.S",
            "main.c",
            "console.c",
            "string.c",
            "hypercall.c",
            "window.c",
            "domain.c",
            "names.c",
            "line.c",
            "grant.c",
            "table.c",
            "memory.c",
            "toolstack.c",
            "script.c");

    /** What these include. */
    static final List<String> HEADERS = List.of(
            "command.h",
            "console.h",
            "domain.h",
            "grant.h",
            "guest.h",
            "hypercall.h",
            "line.h",
            "memory.h",
            "names.h",
            "script.h",
            "string.h",
            "table.h",
            "toolstack.h",
            "window.h");

    private GuestSources() {}

    /** Adds all that they say. */
    static void addTo(Fingerprint fingerprint) throws IOException {
        for (String name : names()) {
            try (InputStream in = open(name)) {
                fingerprint.text(name).bytes(in.readAllBytes());
            }
        }
    }

    /** Writes them into a directory. */
    static void copyTo(Path directory) throws IOException {
        for (String name : names()) {
            try (InputStream in = open(name)) {
                Files.copy(in, directory.resolve(name));
            }
        }
    }

    /** All files. */
    static List<String> names() {
        return Stream.of(UNITS, HEADERS, List.of(LAYOUT)).flatMap(List::stream).toList();
    }

    private static InputStream open(String name) throws FileNotFoundException {
        InputStream in = GuestSources.class.getResourceAsStream("/grantlab/recorder/" + name);
        if (in == null) {
            throw new FileNotFoundException("the recorder's source " + name + " is missing in this build of Grantlab");
        }
        return in;
    }
}
