package grantlab.p2m.memory;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import java.lang.foreign.MemorySegment;

/**
 * Finds accesses that no room may make: misaligned ones, ones outside of RAM, and ones to a frame without a reference,
 * which is what a mapping that outlived its frame does. A frame of the hypervisor lives until it is freed: the table of a
 * dying domain has lost its references and is still written to. Costs a look at the frame table per access; for tests and
 * for debugging.
 */
public final class CheckedMemory implements MachineMemory {
    private final MachineMemory memory;
    private final FrameTable frames;

    /**
     * Puts the checks before a memory.
     *
     * @param memory the bytes
     * @param frames the books
     */
    public CheckedMemory(MachineMemory memory, FrameTable frames) {
        this.memory = memory;
        this.frames = frames;
    }

    private void check(String access, long address, int bytes) {
        if ((address & (bytes - 1)) != 0) {
            throw new IllegalArgumentException(at(access, address) + " is not aligned to " + bytes + " bytes");
        }
        checkLive(access, address);
    }

    private void checkRange(String access, long address, long length) {
        if (length < 0 || Page.offset(address) + length > Page.SIZE) {
            throw new IllegalArgumentException(
                    at(access, address) + " of " + length + " bytes is not within one frame");
        }
        if (length != 0) {
            checkLive(access, address);
        }
    }

    private void checkLive(String access, long address) {
        long mfn = Page.frame(address);
        if (!memory.isRam(mfn)) {
            throw new IndexOutOfBoundsException(
                    at(access, address) + ": mfn 0x" + Long.toHexString(mfn) + " is no RAM");
        }
        if (frames.references(mfn) == 0 && !frames.isShared(mfn)) {
            throw new IllegalStateException(at(access, address) + ": mfn 0x" + Long.toHexString(mfn)
                    + " has no reference: it is free, or the firmware's");
        }
    }

    private static String at(String access, long address) {
        return access + " at machine address 0x" + Long.toHexString(address);
    }

    @Override
    public boolean isRam(long mfn) {
        return memory.isRam(mfn);
    }

    @Override
    public byte load8(long address) {
        check("load8", address, 1);
        return memory.load8(address);
    }

    @Override
    public short load16(long address) {
        check("load16", address, 2);
        return memory.load16(address);
    }

    @Override
    public int load32(long address) {
        check("load32", address, 4);
        return memory.load32(address);
    }

    @Override
    public long load64(long address) {
        check("load64", address, 8);
        return memory.load64(address);
    }

    @Override
    public void load64s(long address, long[] into, int count) {
        check("load64s", address, Long.BYTES);
        checkRange("load64s", address, (long) count * Long.BYTES);
        memory.load64s(address, into, count);
    }

    @Override
    public short load16Acquire(long address) {
        check("load16Acquire", address, 2);
        return memory.load16Acquire(address);
    }

    @Override
    public int load32Acquire(long address) {
        check("load32Acquire", address, 4);
        return memory.load32Acquire(address);
    }

    @Override
    public long load64Acquire(long address) {
        check("load64Acquire", address, 8);
        return memory.load64Acquire(address);
    }

    @Override
    public void store8(long address, byte value) {
        check("store8", address, 1);
        memory.store8(address, value);
    }

    @Override
    public void store16(long address, short value) {
        check("store16", address, 2);
        memory.store16(address, value);
    }

    @Override
    public void store32(long address, int value) {
        check("store32", address, 4);
        memory.store32(address, value);
    }

    @Override
    public void store64(long address, long value) {
        check("store64", address, 8);
        memory.store64(address, value);
    }

    @Override
    public void store64s(long address, long[] from, int count) {
        check("store64s", address, Long.BYTES);
        checkRange("store64s", address, (long) count * Long.BYTES);
        memory.store64s(address, from, count);
    }

    @Override
    public void store16Release(long address, short value) {
        check("store16Release", address, 2);
        memory.store16Release(address, value);
    }

    @Override
    public void store32Release(long address, int value) {
        check("store32Release", address, 4);
        memory.store32Release(address, value);
    }

    @Override
    public void store64Release(long address, long value) {
        check("store64Release", address, 8);
        memory.store64Release(address, value);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int replacement) {
        check("compareAndExchange32", address, 4);
        return memory.compareAndExchange32(address, expected, replacement);
    }

    @Override
    public long compareAndExchange64(long address, long expected, long replacement) {
        check("compareAndExchange64", address, 8);
        return memory.compareAndExchange64(address, expected, replacement);
    }

    @Override
    public int getAndBitwiseOr32(long address, int mask) {
        check("getAndBitwiseOr32", address, 4);
        return memory.getAndBitwiseOr32(address, mask);
    }

    @Override
    public int getAndBitwiseAnd32(long address, int mask) {
        check("getAndBitwiseAnd32", address, 4);
        return memory.getAndBitwiseAnd32(address, mask);
    }

    @Override
    public long getAndBitwiseAnd64(long address, long mask) {
        check("getAndBitwiseAnd64", address, 8);
        return memory.getAndBitwiseAnd64(address, mask);
    }

    @Override
    public void copy(long source, long destination, int length) {
        checkRange("copy from", source, length);
        checkRange("copy to", destination, length);
        memory.copy(source, destination, length);
    }

    @Override
    public void fill(long address, int length, byte value) {
        checkRange("fill", address, length);
        memory.fill(address, length, value);
    }

    @Override
    public void copyOut(long address, MemorySegment into, long at, int length) {
        checkRange("copyOut", address, length);
        memory.copyOut(address, into, at, length);
    }

    @Override
    public void copyIn(long address, MemorySegment from, long at, int length) {
        checkRange("copyIn", address, length);
        memory.copyIn(address, from, at, length);
    }
}
