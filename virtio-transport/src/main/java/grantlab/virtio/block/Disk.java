package grantlab.virtio.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** What a block device keeps its blocks in. Positions and lengths are bytes, within the capacity. One thread at a time. */
public interface Disk extends AutoCloseable {
    /**
     * The capacity.
     *
     * @return in sectors of 512 bytes
     */
    long sectors();

    /**
     * Reads.
     *
     * @param position of the first byte
     * @param into its beginning is filled
     * @param length of what is filled
     * @throws IOException when it cannot be read
     */
    void read(long position, MemorySegment into, int length) throws IOException;

    /**
     * Writes.
     *
     * @param position of the first byte
     * @param from its beginning is written
     * @param length of what is written
     * @throws IOException when it cannot be written
     */
    void write(long position, MemorySegment from, int length) throws IOException;

    /**
     * What was written is stable afterwards.
     *
     * @throws IOException when that cannot be had
     */
    void flush() throws IOException;

    /**
     * Nobody needs these bytes any more; they read as zero.
     *
     * @param position of the first
     * @param length of them
     * @throws IOException when they cannot be written
     */
    void discard(long position, long length) throws IOException;

    @Override
    void close() throws IOException;
}
