package grantlab.conformance.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Tells by a short name whether something was made from the same things. */
final class Fingerprint {
    private static final int BYTES_OF_NAME = 10;

    private final MessageDigest digest;

    Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    Fingerprint text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** With its length, so that what follows cannot be taken for a part of it. */
    Fingerprint bytes(byte[] bytes) {
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
        return this;
    }

    /** A program: where it is, and when it was put there. */
    Fingerprint program(Path program) throws IOException {
        Path real = program.toRealPath();
        return text(real + " " + Files.size(real) + " " + Files.getLastModifiedTime(real));
    }

    /** Names and contents of all files of a directory and the directories below it. */
    Fingerprint directory(Path directory) throws IOException {
        List<Path> contents;
        try (Stream<Path> files = Files.walk(directory)) {
            contents = files.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : contents) {
            text(directory.relativize(file).toString()).bytes(Files.readAllBytes(file));
        }
        return this;
    }

    /** The name. Nothing can be added afterwards. */
    String name() {
        return HexFormat.of().formatHex(digest.digest(), 0, BYTES_OF_NAME);
    }
}
