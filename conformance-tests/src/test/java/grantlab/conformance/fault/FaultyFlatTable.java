package grantlab.conformance.fault;

import grantlab.api.grant.FlatTable;
import grantlab.api.grant.Leaf;

/** A flat table that is the real one, but for what a fault overrides. */
class FaultyFlatTable implements FlatTable {
    final FlatTable real;

    FaultyFlatTable(FlatTable real) {
        this.real = real;
    }

    @Override
    public void swap(long a, long b) {
        real.swap(a, b);
    }

    @Override
    public int commitTransfer(long index, int caller) {
        return real.commitTransfer(index, caller);
    }

    @Override
    public long transferFrame(long index) {
        return real.transferFrame(index);
    }

    @Override
    public void completeTransfer(long index, long frame) {
        real.completeTransfer(index, frame);
    }

    @Override
    public void carryOut(int index, FlatTable.Carried entry) {
        real.carryOut(index, entry);
    }

    @Override
    public int accepts(FlatTable.Carried entry) {
        return real.accepts(entry);
    }

    @Override
    public void carryIn(int index, FlatTable.Carried entry) {
        real.carryIn(index, entry);
    }

    @Override
    public void wipe() {
        real.wipe();
    }

    @Override
    public long size() {
        return real.size();
    }

    @Override
    public int locate(long index, int access, Leaf leaf) {
        return real.locate(index, access, leaf);
    }

    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        return real.mark(leaf, grantee, access, fresh);
    }

    @Override
    public void read(Leaf leaf) {
        real.read(leaf);
    }

    @Override
    public void clear(long key, int order, long snapshot, int unused) {
        real.clear(key, order, snapshot, unused);
    }

    @Override
    public int close(long key, int order, long snapshot) {
        return real.close(key, order, snapshot);
    }
}
