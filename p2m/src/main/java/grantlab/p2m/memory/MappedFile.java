package grantlab.p2m.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The bytes of a file, which is sparse where it was empty. */
final class MappedFile implements Reservation {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;

    private MappedFile(Path file, long size, Set<OpenOption> options) throws IOException {
        try (FileChannel channel = FileChannel.open(file, options)) {
            bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * A file from its start on.
     *
     * @param file that can be read and written; it grows as far as is needed
     * @param size bytes
     * @throws IOException when it cannot
     */
    static MappedFile of(Path file, long size, OpenOption... further) throws IOException {
        Set<OpenOption> options = new HashSet<>(List.of(further));
        options.add(StandardOpenOption.READ);
        options.add(StandardOpenOption.WRITE);
        return new MappedFile(file, size, options);
    }

    /**
     * A file that has no name any more, in /dev/shm where that has room, so that nothing is ever written to a disk.
     *
     * @param size bytes
     * @throws IOException when there is no such file
     */
    static MappedFile temporary(long size) throws IOException {
        return of(temporaryFile(size), size, StandardOpenOption.SPARSE, StandardOpenOption.DELETE_ON_CLOSE);
    }

    private static Path temporaryFile(long size) throws IOException {
        if (Files.isWritable(SHARED_MEMORY) && Files.getFileStore(SHARED_MEMORY).getUsableSpace() >= size) {
            return Files.createTempFile(SHARED_MEMORY, "grantlab", ".ram");
        }
        return Files.createTempFile("grantlab", ".ram");
    }

    @Override
    public MemorySegment bytes() {
        return bytes;
    }

    @Override
    public void close() {
        arena.close();
    }
}
