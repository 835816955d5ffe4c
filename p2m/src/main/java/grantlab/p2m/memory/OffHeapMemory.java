package grantlab.p2m.memory;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.RamLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * RAM in one segment outside of the Java heap.
 *
 * <p>The segment maps a sparse file that has no name any more: the operating system spends memory on what is touched, and
 * takes it back when the machine is closed. ({@code Arena.allocate} would write zeroes everywhere first.) The file is in
 * /dev/shm where that has room, so that nothing is ever written to a disk.
 */
public final class OffHeapMemory implements MachineMemory, AutoCloseable {
    private static final VarHandle SHORT = littleEndian(ValueLayout.JAVA_SHORT);
    private static final VarHandle INT = littleEndian(ValueLayout.JAVA_INT);
    private static final VarHandle LONG = littleEndian(ValueLayout.JAVA_LONG);

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Extents extents;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment ram;

    /**
     * Reserves the memory of a machine.
     *
     * @param layout where RAM is
     */
    public OffHeapMemory(RamLayout layout) {
        extents = new Extents(layout);
        try {
            ram = reserve(extents.totalBytes(), arena);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException(
                    "cannot reserve " + extents.totalBytes() + " bytes for the machine's RAM", e);
        }
    }

    private static VarHandle littleEndian(ValueLayout layout) {
        return layout.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    }

    private static MemorySegment reserve(long bytes, Arena arena) throws IOException {
        Path file = temporaryFile(bytes);
        try (FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE,
                StandardOpenOption.DELETE_ON_CLOSE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        }
    }

    private static Path temporaryFile(long bytes) throws IOException {
        if (Files.isWritable(SHARED_MEMORY) && Files.getFileStore(SHARED_MEMORY).getUsableSpace() >= bytes) {
            return Files.createTempFile(SHARED_MEMORY, "grantlab", ".ram");
        }
        return Files.createTempFile("grantlab", ".ram");
    }

    @Override
    public boolean isRam(long mfn) {
        return extents.contains(mfn);
    }

    @Override
    public byte load8(long address) {
        return ram.get(ValueLayout.JAVA_BYTE, extents.offset(address));
    }

    @Override
    public short load16(long address) {
        return (short) SHORT.get(ram, extents.offset(address));
    }

    @Override
    public int load32(long address) {
        return (int) INT.get(ram, extents.offset(address));
    }

    @Override
    public long load64(long address) {
        return (long) LONG.get(ram, extents.offset(address));
    }

    @Override
    public int load32Acquire(long address) {
        return (int) INT.getAcquire(ram, extents.offset(address));
    }

    @Override
    public long load64Acquire(long address) {
        return (long) LONG.getAcquire(ram, extents.offset(address));
    }

    @Override
    public void store8(long address, byte value) {
        ram.set(ValueLayout.JAVA_BYTE, extents.offset(address), value);
    }

    @Override
    public void store16(long address, short value) {
        SHORT.set(ram, extents.offset(address), value);
    }

    @Override
    public void store32(long address, int value) {
        INT.set(ram, extents.offset(address), value);
    }

    @Override
    public void store64(long address, long value) {
        LONG.set(ram, extents.offset(address), value);
    }

    @Override
    public void store16Release(long address, short value) {
        SHORT.setRelease(ram, extents.offset(address), value);
    }

    @Override
    public void store32Release(long address, int value) {
        INT.setRelease(ram, extents.offset(address), value);
    }

    @Override
    public void store64Release(long address, long value) {
        LONG.setRelease(ram, extents.offset(address), value);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int replacement) {
        return (int) INT.compareAndExchange(ram, extents.offset(address), expected, replacement);
    }

    @Override
    public long compareAndExchange64(long address, long expected, long replacement) {
        return (long) LONG.compareAndExchange(ram, extents.offset(address), expected, replacement);
    }

    @Override
    public int getAndBitwiseOr32(long address, int mask) {
        return (int) INT.getAndBitwiseOr(ram, extents.offset(address), mask);
    }

    @Override
    public int getAndBitwiseAnd32(long address, int mask) {
        return (int) INT.getAndBitwiseAnd(ram, extents.offset(address), mask);
    }

    @Override
    public long getAndBitwiseAnd64(long address, long mask) {
        return (long) LONG.getAndBitwiseAnd(ram, extents.offset(address), mask);
    }

    @Override
    public void copy(long source, long destination, int length) {
        if (length != 0) {
            MemorySegment.copy(ram, extents.offset(source, length), ram, extents.offset(destination, length), length);
        }
    }

    @Override
    public void fill(long address, int length, byte value) {
        if (length != 0) {
            ram.asSlice(extents.offset(address, length), length).fill(value);
        }
    }

    @Override
    public void copyOut(long address, MemorySegment into) {
        long length = into.byteSize();
        if (length != 0) {
            MemorySegment.copy(ram, extents.offset(address, length), into, 0, length);
        }
    }

    @Override
    public void copyIn(long address, MemorySegment from) {
        long length = from.byteSize();
        if (length != 0) {
            MemorySegment.copy(from, 0, ram, extents.offset(address, length), length);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
