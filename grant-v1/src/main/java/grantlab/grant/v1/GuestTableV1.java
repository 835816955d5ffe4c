package grantlab.grant.v1;

import grantlab.api.Access;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;

/** What a guest does to its version 1 table, in the order that the header demands (grant_table.h, "Version 1"). */
final class GuestTableV1 implements GuestTable {
    private static final long LARGEST_FRAME = 0xffff_ffffL;

    private final Vcpu vcpu;
    private final long firstFrame;

    GuestTableV1(Vcpu vcpu, long firstFrame) {
        this.vcpu = vcpu;
        this.firstFrame = firstFrame;
    }

    private long address(long index) {
        if (index < 0 || index >= size()) {
            throw new IllegalArgumentException("index " + index + " is not within 0.." + (size() - 1));
        }
        return firstFrame + index * EntryV1.SIZE;
    }

    @Override
    public boolean canName(long gfn, int order) {
        return order == Page.ORDER_4K && gfn >= 0 && gfn <= LARGEST_FRAME;
    }

    /** Frame, then grantee, then flags: the store of the word publishes the entry. */
    @Override
    public void grant(long index, int grantee, long gfn, int order, int access) {
        if (!canName(gfn, order)) {
            throw new IllegalArgumentException("version 1 cannot name frame 0x" + Long.toHexString(gfn) + " of order "
                    + order + ": one page, below 2^32");
        }
        int flags = Gtf.PERMIT_ACCESS | (Access.writes(access) ? 0 : Gtf.READONLY);
        store(address(index) + EntryV1.FRAME, (int) gfn);
        store(address(index), EntryV1.word(flags, grantee));
    }

    /** Withdrawn by compare-exchange while neither reading nor writing is set. */
    @Override
    public boolean end(long index) {
        int word = load(address(index));
        return (word & (Gtf.READING | Gtf.WRITING)) == 0 && exchange(address(index), word, 0);
    }

    @Override
    public boolean inUse(long index) {
        return (load(address(index)) & (Gtf.READING | Gtf.WRITING)) != 0;
    }

    @Override
    public boolean narrow(long index) {
        int word = load(address(index));
        return (word & Gtf.WRITING) == 0 && exchange(address(index), word, word | Gtf.READONLY);
    }

    @Override
    public long reference(long index) {
        return index;
    }

    /** The guest uses the first frame only: it is the one that every table has. */
    @Override
    public long size() {
        return EntryV1.ENTRIES_PER_FRAME;
    }

    private int load(long address) {
        own(vcpu.load(address, Integer.BYTES), address);
        return (int) vcpu.value();
    }

    private void store(long address, int value) {
        own(vcpu.store(address, Integer.BYTES, value), address);
    }

    private boolean exchange(long address, int expected, int replacement) {
        own(
                vcpu.compareAndExchange(address, Integer.BYTES, expected & 0xffff_ffffL, replacement & 0xffff_ffffL),
                address);
        return (int) vcpu.value() == expected;
    }

    private static void own(int faultVector, long address) {
        if (faultVector != 0) {
            throw new IllegalStateException(
                    "the guest lost its own grant table: fault " + faultVector + " at 0x" + Long.toHexString(address));
        }
    }
}
