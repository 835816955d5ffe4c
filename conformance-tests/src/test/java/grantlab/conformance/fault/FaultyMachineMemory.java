package grantlab.conformance.fault;

import grantlab.api.memory.MachineMemory;
import java.lang.foreign.MemorySegment;

/** The machine's bytes, but for what a fault overrides. */
class FaultyMachineMemory implements MachineMemory {
    final MachineMemory real;

    FaultyMachineMemory(MachineMemory real) {
        this.real = real;
    }

    @Override
    public boolean isRam(long mfn) {
        return real.isRam(mfn);
    }

    @Override
    public byte load8(long address) {
        return real.load8(address);
    }

    @Override
    public short load16(long address) {
        return real.load16(address);
    }

    @Override
    public int load32(long address) {
        return real.load32(address);
    }

    @Override
    public long load64(long address) {
        return real.load64(address);
    }

    @Override
    public void load64s(long address, long[] into, int count) {
        real.load64s(address, into, count);
    }

    @Override
    public short load16Acquire(long address) {
        return real.load16Acquire(address);
    }

    @Override
    public int load32Acquire(long address) {
        return real.load32Acquire(address);
    }

    @Override
    public long load64Acquire(long address) {
        return real.load64Acquire(address);
    }

    @Override
    public void store8(long address, byte value) {
        real.store8(address, value);
    }

    @Override
    public void store16(long address, short value) {
        real.store16(address, value);
    }

    @Override
    public void store32(long address, int value) {
        real.store32(address, value);
    }

    @Override
    public void store64(long address, long value) {
        real.store64(address, value);
    }

    @Override
    public void store64s(long address, long[] from, int count) {
        real.store64s(address, from, count);
    }

    @Override
    public void store16Release(long address, short value) {
        real.store16Release(address, value);
    }

    @Override
    public void store32Release(long address, int value) {
        real.store32Release(address, value);
    }

    @Override
    public void store64Release(long address, long value) {
        real.store64Release(address, value);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int replacement) {
        return real.compareAndExchange32(address, expected, replacement);
    }

    @Override
    public long compareAndExchange64(long address, long expected, long replacement) {
        return real.compareAndExchange64(address, expected, replacement);
    }

    @Override
    public int getAndBitwiseOr32(long address, int mask) {
        return real.getAndBitwiseOr32(address, mask);
    }

    @Override
    public int getAndBitwiseAnd32(long address, int mask) {
        return real.getAndBitwiseAnd32(address, mask);
    }

    @Override
    public long getAndBitwiseAnd64(long address, long mask) {
        return real.getAndBitwiseAnd64(address, mask);
    }

    @Override
    public void copy(long source, long destination, int length) {
        real.copy(source, destination, length);
    }

    @Override
    public void fill(long address, int length, byte value) {
        real.fill(address, length, value);
    }

    @Override
    public void copyOut(long address, MemorySegment into) {
        real.copyOut(address, into);
    }

    @Override
    public void copyOut(long address, MemorySegment into, long at, int length) {
        real.copyOut(address, into, at, length);
    }

    @Override
    public void copyIn(long address, MemorySegment from) {
        real.copyIn(address, from);
    }

    @Override
    public void copyIn(long address, MemorySegment from, long at, int length) {
        real.copyIn(address, from, at, length);
    }
}
