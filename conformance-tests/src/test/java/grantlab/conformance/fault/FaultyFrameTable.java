package grantlab.conformance.fault;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.FrameWatcher;

/** The books of the machine's frames, but for what a fault overrides. */
class FaultyFrameTable implements FrameTable {
    final FrameTable real;

    FaultyFrameTable(FrameTable real) {
        this.real = real;
    }

    @Override
    public void admit(int domid, boolean typed) {
        real.admit(domid, typed);
    }

    @Override
    public void watch(int domid, FrameWatcher watcher) {
        real.watch(domid, watcher);
    }

    @Override
    public boolean typed(int domid) {
        return real.typed(domid);
    }

    @Override
    public int owner(long mfn) {
        return real.owner(mfn);
    }

    @Override
    public boolean get(long mfn, int order, int owner) {
        return real.get(mfn, order, owner);
    }

    @Override
    public boolean getPlain(long mfn, int order, int owner) {
        return real.getPlain(mfn, order, owner);
    }

    @Override
    public void put(long mfn, int order) {
        real.put(mfn, order);
    }

    @Override
    public boolean getType(long mfn, int type) {
        return real.getType(mfn, type);
    }

    @Override
    public void putType(long mfn) {
        real.putType(mfn);
    }

    @Override
    public long references(long mfn) {
        return real.references(mfn);
    }

    @Override
    public int type(long mfn) {
        return real.type(mfn);
    }

    @Override
    public long typeUses(long mfn) {
        return real.typeUses(mfn);
    }

    @Override
    public long allocate(int owner, int order) {
        return real.allocate(owner, order);
    }

    @Override
    public long allocateZeroed(int owner, int order) {
        return real.allocateZeroed(owner, order);
    }

    @Override
    public long allocateFrom(int owner, int order, long lowest) {
        return real.allocateFrom(owner, order, lowest);
    }

    @Override
    public long allocateShared(int owner) {
        return real.allocateShared(owner);
    }

    @Override
    public boolean isShared(long mfn) {
        return real.isShared(mfn);
    }

    @Override
    public void freeShared(long mfn) {
        real.freeShared(mfn);
    }

    @Override
    public void retire(int domid) {
        real.retire(domid);
    }

    @Override
    public boolean releaseAllocation(long mfn) {
        return real.releaseAllocation(mfn);
    }

    @Override
    public boolean isAllocated(long mfn) {
        return real.isAllocated(mfn);
    }

    @Override
    public boolean steal(long mfn, int owner, int expected) {
        return real.steal(mfn, owner, expected);
    }

    @Override
    public void assign(long mfn, int owner) {
        real.assign(mfn, owner);
    }

    @Override
    public void freeStolen(long mfn) {
        real.freeStolen(mfn);
    }

    @Override
    public long pages(int domid) {
        return real.pages(domid);
    }

    @Override
    public long sharedPages(int domid) {
        return real.sharedPages(domid);
    }

    @Override
    public long machineToPhysical(long mfn) {
        return real.machineToPhysical(mfn);
    }

    @Override
    public void setMachineToPhysical(long mfn, long gfn) {
        real.setMachineToPhysical(mfn, gfn);
    }

    @Override
    public long nextOwned(int domid, long from) {
        return real.nextOwned(domid, from);
    }
}
