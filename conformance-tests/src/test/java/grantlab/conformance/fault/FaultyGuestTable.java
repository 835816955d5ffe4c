package grantlab.conformance.fault;

import grantlab.api.grant.GuestTable;

/** A guest's side of its table, but for what a fault overrides. */
class FaultyGuestTable implements GuestTable {
    final GuestTable real;

    FaultyGuestTable(GuestTable real) {
        this.real = real;
    }

    @Override
    public boolean canName(long gfn, int order) {
        return real.canName(gfn, order);
    }

    @Override
    public void grant(long index, int grantee, long gfn, int order, int access) {
        real.grant(index, grantee, gfn, order, access);
    }

    @Override
    public boolean end(long index) {
        return real.end(index);
    }

    @Override
    public boolean inUse(long index) {
        return real.inUse(index);
    }

    @Override
    public boolean narrow(long index) {
        return real.narrow(index);
    }

    @Override
    public long reference(long index) {
        return real.reference(index);
    }

    @Override
    public long size() {
        return real.size();
    }
}
