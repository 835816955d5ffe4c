package grantlab.conformance.fault;

import grantlab.api.memory.Changes;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** An address space that is the real one, but for what a fault overrides. */
class FaultyAddressSpace implements AddressSpace {
    final AddressSpace real;

    FaultyAddressSpace(AddressSpace real) {
        this.real = real;
    }

    @Override
    public long operations() {
        return real.operations();
    }

    @Override
    public boolean checksOperationFirst() {
        return real.checksOperationFirst();
    }

    @Override
    public boolean mayHoldArguments(long address, long bytes) {
        return real.mayHoldArguments(address, bytes);
    }

    @Override
    public int admits(int gntmapFlags) {
        return real.admits(gntmapFlags);
    }

    @Override
    public int map(long hostAddress, int gntmapFlags, long mfn, int order, int access, AddressSpace.Mapped result) {
        return real.map(hostAddress, gntmapFlags, mfn, order, access, result);
    }

    @Override
    public int mapBeside(
            long hostAddress, int gntmapFlags, long mfn, int order, int access, AddressSpace.Mapped result) {
        return real.mapBeside(hostAddress, gntmapFlags, mfn, order, access, result);
    }

    @Override
    public int unmap(
            long hostAddress, long newAddress, int gntmapFlags, long mfn, int access, AddressSpace.Mapped result) {
        return real.unmap(hostAddress, newAddress, gntmapFlags, mfn, access, result);
    }

    @Override
    public int replace(long place, int order, long mfn, long newMfn, int access, AddressSpace.Mapped result) {
        return real.replace(place, order, mfn, newMfn, access, result);
    }

    @Override
    public int remove(long place, int order, long mfn, AddressSpace.Mapped result) {
        return real.remove(place, order, mfn, result);
    }

    @Override
    public long findNext(long mfn, int order, long from) {
        return real.findNext(mfn, order, from);
    }

    @Override
    public void flush() {
        real.flush();
    }

    @Override
    public void flushTlbs() {
        real.flushTlbs();
    }

    @Override
    public long flushes() {
        return real.flushes();
    }

    @Override
    public boolean remembers(long mfn) {
        return real.remembers(mfn);
    }

    @Override
    public int withdrawTableFrame(long mfn) {
        return real.withdrawTableFrame(mfn);
    }

    @Override
    public int placeTableFrame(long gfn, long mfn) {
        return real.placeTableFrame(gfn, mfn);
    }

    @Override
    public int mapForeign(long address, long mfn, int access, AddressSpace.Mapped result) {
        return real.mapForeign(address, mfn, access, result);
    }

    @Override
    public long nameOf(long mfn) {
        return real.nameOf(mfn);
    }

    @Override
    public Tlb attach() {
        return real.attach();
    }

    @Override
    public void detach(Tlb tlb) {
        real.detach(tlb);
    }

    @Override
    public int load(Tlb tlb, long address, int bytes, AddressSpace.Loaded result) {
        return real.load(tlb, address, bytes, result);
    }

    @Override
    public int store(Tlb tlb, long address, int bytes, long value, AddressSpace.Loaded result) {
        return real.store(tlb, address, bytes, value, result);
    }

    @Override
    public int loadBytes(Tlb tlb, long address, MemorySegment into, long at, int length, AddressSpace.Loaded result) {
        return real.loadBytes(tlb, address, into, at, length, result);
    }

    @Override
    public int storeBytes(Tlb tlb, long address, MemorySegment from, long at, int length, AddressSpace.Loaded result) {
        return real.storeBytes(tlb, address, from, at, length, result);
    }

    @Override
    public int compareAndExchange(
            Tlb tlb, long address, int bytes, long expected, long value, AddressSpace.Loaded witness) {
        return real.compareAndExchange(tlb, address, bytes, expected, value, witness);
    }

    @Override
    public @Nullable Changes argumentChanges() {
        return real.argumentChanges();
    }

    @Override
    public long argument(long address, boolean write) {
        return real.argument(address, write);
    }

    @Override
    public int update(long address, long entry) {
        return real.update(address, entry);
    }

    @Override
    public long entryAddress(long address) {
        return real.entryAddress(address);
    }

    @Override
    public int enter(long rootMfn) {
        return real.enter(rootMfn);
    }

    @Override
    public void cover(long firstAddress, long bytes) {
        real.cover(firstAddress, bytes);
    }

    @Override
    public void dispose() {
        real.dispose();
    }
}
