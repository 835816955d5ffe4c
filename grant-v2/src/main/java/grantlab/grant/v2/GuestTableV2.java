package grantlab.grant.v2;

import grantlab.api.Access;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;

/**
 * What a guest does to its version 2 table, in the order that the header demands (grant_table.h, "Version 2"): to withdraw,
 * first the flags and then a look at the status word, since the hypervisor never writes the flags.
 */
final class GuestTableV2 implements GuestTable {
    private final Vcpu vcpu;
    private final long firstFrame;
    private final long firstStatusFrame;

    GuestTableV2(Vcpu vcpu, long firstFrame, long firstStatusFrame) {
        this.vcpu = vcpu;
        this.firstFrame = firstFrame;
        this.firstStatusFrame = firstStatusFrame;
    }

    private long address(long index) {
        if (index < 0 || index >= size()) {
            throw new IllegalArgumentException("index " + index + " is not within 0.." + (size() - 1));
        }
        return firstFrame + index * EntryV2.SIZE;
    }

    @Override
    public boolean canName(long gfn, int order) {
        return order == Page.ORDER_4K && gfn >= 0;
    }

    /** Frame, then grantee, then flags: the store of the header publishes the entry. */
    @Override
    public void grant(long index, int grantee, long gfn, int order, int access) {
        if (!canName(gfn, order)) {
            throw new IllegalArgumentException(
                    "version 2 cannot name frame 0x" + Long.toHexString(gfn) + " of order " + order + ": one page");
        }
        int flags = Gtf.PERMIT_ACCESS | (Access.writes(access) ? 0 : Gtf.READONLY);
        store(address(index) + EntryV2.PAGE_OFF, Integer.BYTES, 0);
        store(address(index) + EntryV2.FRAME, Long.BYTES, gfn);
        store(address(index), Integer.BYTES, EntryV2.header(flags, grantee));
    }

    /** The exchange is a full barrier; whoever was faster than it is seen in the status word, and the entry is put back. */
    @Override
    public boolean end(long index) {
        int header = header(index);
        return !inUse(index) && exchange(index, header, 0) && stayedUnused(index, StatusWords.IN_USE, 0, header);
    }

    @Override
    public boolean narrow(long index) {
        int header = header(index);
        int narrowed = header | Gtf.READONLY;
        return (status(index) & Gtf.WRITING) == 0
                && exchange(index, header, narrowed)
                && stayedUnused(index, Gtf.WRITING, narrowed, header);
    }

    private boolean stayedUnused(long index, int uses, int now, int before) {
        if ((status(index) & uses) == 0) {
            return true;
        }
        exchange(index, now, before);
        return false;
    }

    @Override
    public boolean inUse(long index) {
        return (status(index) & StatusWords.IN_USE) != 0;
    }

    @Override
    public long reference(long index) {
        return index;
    }

    /** The guest uses the first frame only: it is the one that every table has. */
    @Override
    public long size() {
        return EntryV2.ENTRIES_PER_FRAME;
    }

    private int header(long index) {
        return (int) load(address(index), Integer.BYTES);
    }

    private int status(long index) {
        return (int) load(firstStatusFrame + index * StatusWords.SIZE, Short.BYTES) & 0xffff;
    }

    private long load(long address, int bytes) {
        own(vcpu.load(address, bytes), address);
        return vcpu.value();
    }

    private void store(long address, int bytes, long value) {
        own(vcpu.store(address, bytes, value), address);
    }

    private boolean exchange(long index, int expected, int replacement) {
        long address = address(index);
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
