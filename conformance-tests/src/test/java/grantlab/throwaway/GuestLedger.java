package grantlab.throwaway;

import grantlab.api.grant.GuestTable;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;

/** The guest's side: index n is line n. */
final class GuestLedger implements GuestTable {
    private final Vcpu vcpu;
    private final long page;
    private final long base;

    GuestLedger(Vcpu vcpu, long page, long base) {
        this.vcpu = vcpu;
        this.page = page;
        this.base = base;
    }

    @Override
    public boolean canName(long gfn, int order) {
        return gfn >= 0 && gfn < Page.FRAME_LIMIT && (order == Page.ORDER_4K || order == Page.ORDER_2M);
    }

    @Override
    public void grant(long index, int grantee, long gfn, int order, int access) {
        own(vcpu.store(address(index), Line.BYTES, Line.of(gfn, order, access)));
    }

    @Override
    public boolean end(long index) {
        long line = load(index);
        return !Line.inUse(line) && exchange(index, line, 0);
    }

    @Override
    public boolean inUse(long index) {
        return Line.inUse(load(index));
    }

    @Override
    public boolean narrow(long index) {
        long line = load(index);
        return (line & Line.WRITTEN_NOW) == 0 && exchange(index, line, line & ~Line.WRITE);
    }

    @Override
    public long reference(long index) {
        return base + index * Line.INDICES;
    }

    @Override
    public long size() {
        return Line.LINES;
    }

    private long address(long index) {
        if (index < 0 || index >= Line.LINES) {
            throw new IllegalArgumentException("line " + index + " is not within 0.." + (Line.LINES - 1));
        }
        return page + index * Line.BYTES;
    }

    private long load(long index) {
        own(vcpu.load(address(index), Line.BYTES));
        return vcpu.value();
    }

    private boolean exchange(long index, long expected, long replacement) {
        own(vcpu.compareAndExchange(address(index), Line.BYTES, expected, replacement));
        return vcpu.value() == expected;
    }

    private static void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException("the guest lost its ledger: fault " + fault);
        }
    }
}
