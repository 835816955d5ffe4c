package grantlab.virtio.block;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Blocks in a file, whose length is the capacity; bytes after the last whole sector are not used. */
public final class FileDisk implements Disk {
    private static final int ZEROES = 1 << 16;

    private final FileChannel file;
    private final long sectors;

    /**
     * Opens a file.
     *
     * @param path of it; it exists and can be written
     * @throws IOException when it cannot be opened
     */
    public FileDisk(Path path) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        sectors = file.size() / Block.SECTOR;
    }

    @Override
    public long sectors() {
        return sectors;
    }

    @Override
    public void read(long position, MemorySegment into, int length) throws IOException {
        ByteBuffer buffer = into.asSlice(0, length).asByteBuffer();
        while (buffer.hasRemaining()) {
            if (file.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("the file became shorter than " + sectors + " sectors");
            }
        }
    }

    @Override
    public void write(long position, MemorySegment from, int length) throws IOException {
        write(position, from.asSlice(0, length).asByteBuffer());
    }

    private void write(long position, ByteBuffer buffer) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            at += file.write(buffer, at);
        }
    }

    /** Content and length; when it was changed matters to nobody. */
    @Override
    public void flush() throws IOException {
        file.force(false);
    }

    /** Zeroes are written: no hole is made. */
    @Override
    public void discard(long position, long length) throws IOException {
        ByteBuffer zeroes = ByteBuffer.allocate(ZEROES);
        for (long done = 0; done < length; ) {
            int part = (int) Math.min(ZEROES, length - done);
            write(position + done, zeroes.clear().limit(part));
            done += part;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
