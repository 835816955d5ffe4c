package grantlab.p2m.memory;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.RamLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * RAM in one segment outside of the Java heap: the operating system spends memory on what is touched. When the machine is closed the
 * next one gets it, with zeroes everywhere, or the operating system ({@link SpareRam}).
 */
public final class OffHeapMemory implements MachineMemory, AutoCloseable {
    private static final VarHandle SHORT = littleEndian(ValueLayout.JAVA_SHORT);
    private static final VarHandle INT = littleEndian(ValueLayout.JAVA_INT);
    private static final VarHandle LONG = littleEndian(ValueLayout.JAVA_LONG);

    /** Where alignment was judged already. */
    private static final VarHandle ALIGNED_LONG = littleEndian(ValueLayout.JAVA_LONG_UNALIGNED);

    /**
     * All that can be addressed. Loads and stores go through this: {@link Extents} has judged their addresses already, and
     * what the segment of a file asks besides (is it open, is it writable, by which thread) costs several times the access.
     */
    @SuppressWarnings("restricted") // no other address than one in RAM is ever given to it
    private static final MemorySegment EVERYTHING = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** Structs of hypercalls are shorter, and are moved without a loop: entering one costs more than they do. */
    private static final int LONG_RUN = 8;

    private final AtomicBoolean open = new AtomicBoolean(true);
    private final Reservation reservation;
    private final MemorySegment ram;

    /** Of the first byte in {@link #EVERYTHING}. */
    private final long base;

    /** Where RAM is; nowhere any more when closed. */
    private Extents extents;

    /**
     * Reserves the memory of a machine.
     *
     * @param layout where RAM is
     */
    public OffHeapMemory(RamLayout layout) {
        this(layout, OffHeapMemory::anonymous);
    }

    /**
     * Puts the memory of a machine into a file, from its start on: {@link Extents} says what lies where.
     *
     * @param layout where RAM is
     * @param file that can be read and written; it grows as far as is needed
     */
    public OffHeapMemory(RamLayout layout, Path file) {
        this(layout, bytes -> MappedFile.of(file, bytes));
    }

    private OffHeapMemory(RamLayout layout, Source source) {
        extents = new Extents(layout);
        try {
            reservation = source.reserve(extents.totalBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot reserve " + extents.totalBytes() + " bytes for the machine's RAM", e);
        }
        ram = reservation.bytes();
        base = ram.address();
    }

    /** Where the bytes come from. */
    private interface Source {
        Reservation reserve(long bytes) throws IOException;
    }

    private static Reservation anonymous(long bytes) throws IOException {
        try {
            return SpareRam.of(bytes);
        } catch (UnsupportedOperationException e) {
            return MappedFile.temporary(bytes);
        }
    }

    private static VarHandle littleEndian(ValueLayout layout) {
        return layout.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    }

    private long at(long address) {
        return base + extents.offset(address);
    }

    /** Judged once for all of them. */
    private long at(long address, int words) {
        if ((address & Long.BYTES - 1) != 0) {
            throw new IllegalArgumentException("misaligned access at machine address 0x" + Long.toHexString(address));
        }
        return base + extents.offset(address, (long) words * Long.BYTES);
    }

    @Override
    public boolean isRam(long mfn) {
        return extents.contains(mfn);
    }

    @Override
    public byte load8(long address) {
        return EVERYTHING.get(ValueLayout.JAVA_BYTE, at(address));
    }

    @Override
    public short load16(long address) {
        return (short) SHORT.get(EVERYTHING, at(address));
    }

    @Override
    public int load32(long address) {
        return (int) INT.get(EVERYTHING, at(address));
    }

    @Override
    public long load64(long address) {
        return (long) LONG.get(EVERYTHING, at(address));
    }

    @Override
    public void load64s(long address, long[] into, int count) {
        long next = at(address, count);
        int i = 0;
        for (; i + LONG_RUN <= count; i += LONG_RUN, next += LONG_RUN * Long.BYTES) {
            load4(next, into, i);
            load4(next + 4 * Long.BYTES, into, i + 4);
        }
        if ((count & 4) != 0) {
            load4(next, into, i);
            i += 4;
            next += 4 * Long.BYTES;
        }
        if ((count & 2) != 0) {
            load2(next, into, i);
            i += 2;
            next += 2 * Long.BYTES;
        }
        if ((count & 1) != 0) {
            into[i] = (long) ALIGNED_LONG.get(EVERYTHING, next);
        }
    }

    private static void load4(long from, long[] into, int i) {
        load2(from, into, i);
        load2(from + 2 * Long.BYTES, into, i + 2);
    }

    private static void load2(long from, long[] into, int i) {
        into[i] = (long) ALIGNED_LONG.get(EVERYTHING, from);
        into[i + 1] = (long) ALIGNED_LONG.get(EVERYTHING, from + Long.BYTES);
    }

    @Override
    public short load16Acquire(long address) {
        return (short) SHORT.getAcquire(EVERYTHING, at(address));
    }

    @Override
    public int load32Acquire(long address) {
        return (int) INT.getAcquire(EVERYTHING, at(address));
    }

    @Override
    public long load64Acquire(long address) {
        return (long) LONG.getAcquire(EVERYTHING, at(address));
    }

    @Override
    public void store8(long address, byte value) {
        EVERYTHING.set(ValueLayout.JAVA_BYTE, at(address), value);
    }

    @Override
    public void store16(long address, short value) {
        SHORT.set(EVERYTHING, at(address), value);
    }

    @Override
    public void store32(long address, int value) {
        INT.set(EVERYTHING, at(address), value);
    }

    @Override
    public void store64(long address, long value) {
        LONG.set(EVERYTHING, at(address), value);
    }

    @Override
    public void store64s(long address, long[] from, int count) {
        long next = at(address, count);
        int i = 0;
        for (; i + LONG_RUN <= count; i += LONG_RUN, next += LONG_RUN * Long.BYTES) {
            store4(next, from, i);
            store4(next + 4 * Long.BYTES, from, i + 4);
        }
        if ((count & 4) != 0) {
            store4(next, from, i);
            i += 4;
            next += 4 * Long.BYTES;
        }
        if ((count & 2) != 0) {
            store2(next, from, i);
            i += 2;
            next += 2 * Long.BYTES;
        }
        if ((count & 1) != 0) {
            ALIGNED_LONG.set(EVERYTHING, next, from[i]);
        }
    }

    private static void store4(long to, long[] from, int i) {
        store2(to, from, i);
        store2(to + 2 * Long.BYTES, from, i + 2);
    }

    private static void store2(long to, long[] from, int i) {
        ALIGNED_LONG.set(EVERYTHING, to, from[i]);
        ALIGNED_LONG.set(EVERYTHING, to + Long.BYTES, from[i + 1]);
    }

    @Override
    public void store16Release(long address, short value) {
        SHORT.setRelease(EVERYTHING, at(address), value);
    }

    @Override
    public void store32Release(long address, int value) {
        INT.setRelease(EVERYTHING, at(address), value);
    }

    @Override
    public void store64Release(long address, long value) {
        LONG.setRelease(EVERYTHING, at(address), value);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int replacement) {
        return (int) INT.compareAndExchange(EVERYTHING, at(address), expected, replacement);
    }

    @Override
    public long compareAndExchange64(long address, long expected, long replacement) {
        return (long) LONG.compareAndExchange(EVERYTHING, at(address), expected, replacement);
    }

    @Override
    public int getAndBitwiseOr32(long address, int mask) {
        return (int) INT.getAndBitwiseOr(EVERYTHING, at(address), mask);
    }

    @Override
    public int getAndBitwiseAnd32(long address, int mask) {
        return (int) INT.getAndBitwiseAnd(EVERYTHING, at(address), mask);
    }

    @Override
    public long getAndBitwiseAnd64(long address, long mask) {
        return (long) LONG.getAndBitwiseAnd(EVERYTHING, at(address), mask);
    }

    @Override
    public void copy(long source, long destination, int length) {
        if (length != 0) {
            long from = base + extents.offset(source, length);
            MemorySegment.copy(EVERYTHING, from, EVERYTHING, base + extents.offset(destination, length), length);
        }
    }

    @Override
    public void fill(long address, int length, byte value) {
        if (length != 0) {
            ram.asSlice(extents.offset(address, length), length).fill(value);
        }
    }

    @Override
    public void copyOut(long address, MemorySegment into, long at, int length) {
        if (length != 0) {
            MemorySegment.copy(ram, extents.offset(address, length), into, at, length);
        }
    }

    @Override
    public void copyIn(long address, MemorySegment from, long at, int length) {
        if (length != 0) {
            MemorySegment.copy(from, at, ram, extents.offset(address, length), length);
        }
    }

    /** No load or store is under way any more. Whoever closes it twice does not close what another machine has by then. */
    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            extents = Extents.NOWHERE;
            reservation.close();
        }
    }
}
