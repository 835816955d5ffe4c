package org.example.myformat;

import grantlab.api.grant.GuestTable;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;

/** The granter's side, as its kernel would do it: loads, stores and exchanges of a vCPU. */
final class MyFormatGuest implements GuestTable {
    private final Vcpu vcpu;
    private final long page;
    private final long base;

    MyFormatGuest(Vcpu vcpu, long page, long base) {
        this.vcpu = vcpu;
        this.page = page;
        this.base = base;
    }

    @Override
    public boolean canName(long gfn, int order) {
        return gfn >= 0 && gfn < Page.FRAME_LIMIT && order == Page.ORDER_4K;
    }

    @Override
    public void grant(long index, int grantee, long gfn, int order, int access) {
        if (!canName(gfn, order)) {
            throw new IllegalArgumentException("no entry for frame 0x" + Long.toHexString(gfn) + " of order " + order);
        }
        own(vcpu.store(address(index), MyFormatEntry.BYTES, MyFormatEntry.granted(load(index), gfn, access)));
    }

    @Override
    public boolean end(long index) {
        long entry = load(index);
        return (entry & MyFormatEntry.MARKS) == 0 && exchange(index, entry, entry & ~MyFormatEntry.GRANTED);
    }

    @Override
    public boolean inUse(long index) {
        return (load(index) & MyFormatEntry.MARKS) != 0;
    }

    @Override
    public boolean narrow(long index) {
        long entry = load(index);
        return (entry & MyFormatEntry.IN_USE_RW) == 0 && exchange(index, entry, entry & ~MyFormatEntry.WRITE);
    }

    @Override
    public long reference(long index) {
        return base + index;
    }

    @Override
    public long size() {
        return MyFormatEntry.COUNT;
    }

    private long address(long index) {
        if (index < 0 || index >= MyFormatEntry.COUNT) {
            throw new IllegalArgumentException("entry " + index + " is not within 0.." + (MyFormatEntry.COUNT - 1));
        }
        return page + index * MyFormatEntry.BYTES;
    }

    private long load(long index) {
        own(vcpu.load(address(index), MyFormatEntry.BYTES));
        return vcpu.value();
    }

    private boolean exchange(long index, long expected, long replacement) {
        own(vcpu.compareAndExchange(address(index), MyFormatEntry.BYTES, expected, replacement));
        return vcpu.value() == expected;
    }

    private static void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException("the guest lost its table: fault " + fault);
        }
    }
}
