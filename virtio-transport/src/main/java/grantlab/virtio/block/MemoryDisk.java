package grantlab.virtio.block;

import java.lang.foreign.MemorySegment;

/** Blocks on the Java heap; they are gone with it. */
public final class MemoryDisk implements Disk {
    private final MemorySegment blocks;

    /**
     * Zeroed blocks.
     *
     * @param sectors how many; all of them fit in one array
     */
    public MemoryDisk(long sectors) {
        blocks = MemorySegment.ofArray(new byte[Math.toIntExact(sectors * Block.SECTOR)]);
    }

    @Override
    public long sectors() {
        return blocks.byteSize() / Block.SECTOR;
    }

    @Override
    public void read(long position, MemorySegment into, int length) {
        MemorySegment.copy(blocks, position, into, 0, length);
    }

    @Override
    public void write(long position, MemorySegment from, int length) {
        MemorySegment.copy(from, 0, blocks, position, length);
    }

    /** It is as stable as it ever is. */
    @Override
    public void flush() {}

    @Override
    public void discard(long position, long length) {
        blocks.asSlice(position, length).fill((byte) 0);
    }

    /** The garbage collector finds them. */
    @Override
    public void close() {}
}
