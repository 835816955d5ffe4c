package grantlab.p2m.memory;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.RamLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * RAM in arrays of words on the Java heap: the twin that model checkers see through, as they are blind to
 * {@link MemorySegment}. Narrow stores are compare-exchanges of the word around them. Groups of frames come into being
 * when they are touched.
 */
public final class OnHeapMemory implements MachineMemory {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle GROUPS = MethodHandles.arrayElementVarHandle(long[][].class);

    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    /** Eight bytes of somebody else's memory. */
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** A group is 64 frames. */
    private static final int GROUP_SHIFT = 18;

    private static final int GROUP_WORDS = 1 << (GROUP_SHIFT - 3);

    private final Extents extents;
    private final long[][] groups;

    /**
     * Prepares the memory of a machine.
     *
     * @param layout where RAM is
     */
    public OnHeapMemory(RamLayout layout) {
        extents = new Extents(layout);
        long count = ((extents.totalBytes() - 1) >>> GROUP_SHIFT) + 1;
        if (count > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException(
                    "RAM of " + extents.totalBytes() + " bytes is too large for the heap: use memory = off-heap");
        }
        groups = new long[(int) count][];
    }

    private long[] group(long offset) {
        int at = (int) (offset >>> GROUP_SHIFT);
        Object group = GROUPS.getAcquire(groups, at);
        return group == null ? touch(at) : (long[]) group;
    }

    private long[] touch(int at) {
        long[] fresh = new long[GROUP_WORDS];
        Object witness = GROUPS.compareAndExchange(groups, at, (long[]) null, fresh);
        return witness == null ? fresh : (long[]) witness;
    }

    private static int word(long offset) {
        return (int) (offset >>> 3) & (GROUP_WORDS - 1);
    }

    /** The offset of an access that is aligned to its own size. */
    private long aligned(long address, int bytes) {
        if ((address & (bytes - 1)) != 0) {
            throw new IllegalArgumentException(
                    "misaligned access of " + bytes + " bytes at machine address 0x" + Long.toHexString(address));
        }
        return extents.offset(address);
    }

    private long alignedRange(long address, int words) {
        extents.offset(address, (long) words * Long.BYTES);
        return aligned(address, Long.BYTES);
    }

    private static int shift(long address) {
        return (int) (address & 7) << 3;
    }

    private static long mask(long address, int bytes) {
        return (-1L >>> (64 - 8 * bytes)) << shift(address);
    }

    private void storeNarrow(long address, int bytes, long value) {
        long offset = aligned(address, bytes);
        long[] group = group(offset);
        int at = word(offset);
        long mask = mask(address, bytes);
        long placed = (value << shift(address)) & mask;
        long old;
        do {
            old = (long) WORDS.getVolatile(group, at);
        } while (!WORDS.compareAndSet(group, at, old, (old & ~mask) | placed));
    }

    @Override
    public boolean isRam(long mfn) {
        return extents.contains(mfn);
    }

    @Override
    public byte load8(long address) {
        long offset = extents.offset(address);
        return (byte) ((long) WORDS.get(group(offset), word(offset)) >>> shift(address));
    }

    @Override
    public short load16(long address) {
        long offset = aligned(address, 2);
        return (short) ((long) WORDS.get(group(offset), word(offset)) >>> shift(address));
    }

    @Override
    public int load32(long address) {
        long offset = aligned(address, 4);
        return (int) ((long) WORDS.get(group(offset), word(offset)) >>> shift(address));
    }

    @Override
    public long load64(long address) {
        long offset = aligned(address, 8);
        return (long) WORDS.get(group(offset), word(offset));
    }

    /** A group holds whole frames. */
    @Override
    public void load64s(long address, long[] into, int count) {
        long offset = alignedRange(address, count);
        for (int i = 0; i < count; i++) {
            into[i] = (long) WORDS.get(group(offset), word(offset) + i);
        }
    }

    @Override
    public short load16Acquire(long address) {
        long offset = aligned(address, 2);
        return (short) ((long) WORDS.getAcquire(group(offset), word(offset)) >>> shift(address));
    }

    @Override
    public int load32Acquire(long address) {
        long offset = aligned(address, 4);
        return (int) ((long) WORDS.getAcquire(group(offset), word(offset)) >>> shift(address));
    }

    @Override
    public long load64Acquire(long address) {
        long offset = aligned(address, 8);
        return (long) WORDS.getAcquire(group(offset), word(offset));
    }

    @Override
    public void store8(long address, byte value) {
        storeNarrow(address, 1, value);
    }

    @Override
    public void store16(long address, short value) {
        storeNarrow(address, 2, value);
    }

    @Override
    public void store32(long address, int value) {
        storeNarrow(address, 4, value);
    }

    @Override
    public void store64(long address, long value) {
        long offset = aligned(address, 8);
        WORDS.set(group(offset), word(offset), value);
    }

    @Override
    public void store64s(long address, long[] from, int count) {
        long offset = alignedRange(address, count);
        for (int i = 0; i < count; i++) {
            WORDS.set(group(offset), word(offset) + i, from[i]);
        }
    }

    @Override
    public void store16Release(long address, short value) {
        storeNarrow(address, 2, value);
    }

    @Override
    public void store32Release(long address, int value) {
        storeNarrow(address, 4, value);
    }

    @Override
    public void store64Release(long address, long value) {
        long offset = aligned(address, 8);
        WORDS.setRelease(group(offset), word(offset), value);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int replacement) {
        long offset = aligned(address, 4);
        long[] group = group(offset);
        int at = word(offset);
        long mask = mask(address, 4);
        long placed = ((long) replacement << shift(address)) & mask;
        while (true) {
            long old = (long) WORDS.getVolatile(group, at);
            int witness = (int) (old >>> shift(address));
            if (witness != expected || WORDS.compareAndSet(group, at, old, (old & ~mask) | placed)) {
                return witness;
            }
        }
    }

    @Override
    public long compareAndExchange64(long address, long expected, long replacement) {
        long offset = aligned(address, 8);
        return (long) WORDS.compareAndExchange(group(offset), word(offset), expected, replacement);
    }

    @Override
    public int getAndBitwiseOr32(long address, int mask) {
        long offset = aligned(address, 4);
        long wide = ((long) mask << shift(address)) & mask(address, 4);
        return (int) ((long) WORDS.getAndBitwiseOr(group(offset), word(offset), wide) >>> shift(address));
    }

    @Override
    public int getAndBitwiseAnd32(long address, int mask) {
        long offset = aligned(address, 4);
        long wide = ((long) mask << shift(address)) | ~mask(address, 4);
        return (int) ((long) WORDS.getAndBitwiseAnd(group(offset), word(offset), wide) >>> shift(address));
    }

    @Override
    public long getAndBitwiseAnd64(long address, long mask) {
        long offset = aligned(address, 8);
        return (long) WORDS.getAndBitwiseAnd(group(offset), word(offset), mask);
    }

    @Override
    public void copy(long source, long destination, int length) {
        if (length == 0) {
            return;
        }
        extents.offset(source, length);
        extents.offset(destination, length);
        boolean backwards = source < destination && destination < source + length;
        if (backwards) {
            copyBackwards(source, destination, length);
        } else {
            copyForwards(source, destination, length);
        }
    }

    private void copyForwards(long source, long destination, int length) {
        for (int i = 0; i < length; ) {
            if (((source + i) & 7) == 0 && ((destination + i) & 7) == 0 && length - i >= 8) {
                store64(destination + i, load64(source + i));
                i += 8;
            } else {
                store8(destination + i, load8(source + i));
                i++;
            }
        }
    }

    /** The source's end would be overwritten by its beginning: so from the end. */
    private void copyBackwards(long source, long destination, int length) {
        for (int i = length; i > 0; ) {
            if (((source + i) & 7) == 0 && ((destination + i) & 7) == 0 && i >= 8) {
                i -= 8;
                store64(destination + i, load64(source + i));
            } else {
                i--;
                store8(destination + i, load8(source + i));
            }
        }
    }

    @Override
    public void fill(long address, int length, byte value) {
        if (length == 0) {
            return;
        }
        long offset = extents.offset(address, length);
        if (value == 0 && GROUPS.getAcquire(groups, (int) (offset >>> GROUP_SHIFT)) == null) {
            return;
        }
        long eight = (value & 0xffL) * 0x0101_0101_0101_0101L;
        for (int i = 0; i < length; ) {
            if (((address + i) & 7) == 0 && length - i >= 8) {
                store64(address + i, eight);
                i += 8;
            } else {
                store8(address + i, value);
                i++;
            }
        }
    }

    @Override
    public void copyOut(long address, MemorySegment into, long at, int length) {
        if (length == 0) {
            return;
        }
        long offset = extents.offset(address, length);
        if (LITTLE_ENDIAN) {
            // A frame lies within one group, and words have their bytes in the order of the machine that is modelled.
            MemorySegment group = MemorySegment.ofArray(group(offset));
            MemorySegment.copy(group, offset & ((1L << GROUP_SHIFT) - 1), into, at, length);
        } else {
            for (long i = 0; i < length; i++) {
                into.set(ValueLayout.JAVA_BYTE, at + i, load8(address + i));
            }
        }
    }

    @Override
    public void copyIn(long address, MemorySegment from, long at, int length) {
        if (length != 0) {
            extents.offset(address, length);
        }
        for (long i = 0; i < length; ) {
            if (((address + i) & 7) == 0 && length - i >= 8) {
                store64(address + i, from.get(WORD, at + i));
                i += 8;
            } else {
                store8(address + i, from.get(ValueLayout.JAVA_BYTE, at + i));
                i++;
            }
        }
    }
}
