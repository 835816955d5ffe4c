package org.example.handles;

import grantlab.api.grant.GuestTable;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;

/** The granter's side: index n is descriptor n; share, and reclaim when nobody has it. */
final class GuestHandles implements GuestTable {
    private final Vcpu vcpu;
    private final long page;
    private final long base;

    GuestHandles(Vcpu vcpu, long page, long base) {
        this.vcpu = vcpu;
        this.page = page;
        this.base = base;
    }

    @Override
    public boolean canName(long gfn, int order) {
        return gfn >= 0 && gfn < Page.FRAME_LIMIT && (order == Page.ORDER_4K || order == Page.ORDER_2M);
    }

    /** Share. */
    @Override
    public void grant(long index, int grantee, long gfn, int order, int access) {
        if (!canName(gfn, order)) {
            throw new IllegalArgumentException("no handle for frame 0x" + Long.toHexString(gfn) + " of order " + order);
        }
        long before = load(index);
        own(vcpu.store(address(index) + Descriptor.ADDRESS, Long.BYTES, Page.address(gfn)));
        own(vcpu.store(address(index), Long.BYTES, Descriptor.shared(before, order, access)));
    }

    /** Reclaim. */
    @Override
    public boolean end(long index) {
        long state = load(index);
        return (state & Descriptor.USES) == 0 && exchange(index, state, state & ~Descriptor.SHARED);
    }

    @Override
    public boolean inUse(long index) {
        return (load(index) & Descriptor.USES) != 0;
    }

    @Override
    public boolean narrow(long index) {
        long state = load(index);
        return (state & Descriptor.RETRIEVED_RW) == 0 && exchange(index, state, state & ~Descriptor.WRITE);
    }

    @Override
    public long reference(long index) {
        return base + index * Descriptor.INDICES;
    }

    @Override
    public long size() {
        return Descriptor.COUNT;
    }

    private long address(long index) {
        if (index < 0 || index >= Descriptor.COUNT) {
            throw new IllegalArgumentException("handle " + index + " is not within 0.." + (Descriptor.COUNT - 1));
        }
        return page + index * Descriptor.BYTES;
    }

    private long load(long index) {
        own(vcpu.load(address(index), Long.BYTES));
        return vcpu.value();
    }

    private boolean exchange(long index, long expected, long replacement) {
        own(vcpu.compareAndExchange(address(index), Long.BYTES, expected, replacement));
        return vcpu.value() == expected;
    }

    private static void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException("the guest lost its descriptors: fault " + fault);
        }
    }
}
