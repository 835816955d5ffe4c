package grantlab.grant.v1;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;

/**
 * The hypervisor's side of a version 1 table: xen-semantics 3.3 (status update), 3.5 (clearing bits), 2.5 row 9 (transfer)
 * and 2.9 (what survives set_version), one rule a method.
 */
final class TableV1 implements FlatTable {
    /** Attempts against a guest that keeps changing the word (XSA-295). */
    private static final int ATTEMPTS = 5;

    private static final int IN_USE = Gtf.READING | Gtf.WRITING;

    private final MachineMemory memory;
    private final TableFrames frames;

    TableV1(MachineMemory memory, TableFrames frames) {
        this.memory = memory;
        this.frames = frames;
    }

    static long entryAddress(TableFrames frames, long index) {
        long at = index * EntryV1.SIZE;
        return Page.address(frames.sharedFrame((int) Page.frame(at))) | Page.offset(at);
    }

    private long address(long index) {
        return entryAddress(frames, index);
    }

    @Override
    public long size() {
        return (long) frames.sharedCount() * EntryV1.ENTRIES_PER_FRAME;
    }

    @Override
    public int locate(long index, int access, Leaf leaf) {
        if (index >= size()) {
            return Status.BAD_GNTREF;
        }
        leaf.key = index;
        leaf.order = Page.ORDER_4K;
        leaf.kind = Leaf.PAGE;
        leaf.snapshot = 0;
        leaf.wordAddress = address(index);
        return Status.OKAY;
    }

    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        int seen = memory.load32Acquire(leaf.wordAddress);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (!grants(seen, grantee, access, fresh)) {
                return Status.GENERAL_ERROR;
            }
            int marked = seen | Gtf.READING | (Access.writes(access) ? Gtf.WRITING : 0);
            int witness = memory.compareAndExchange32(leaf.wordAddress, seen, marked);
            if (witness == seen) {
                return Status.OKAY;
            }
            seen = witness;
        }
        return Status.GENERAL_ERROR;
    }

    /** An entry in use already is looked at only for its readonly bit. */
    private static boolean grants(int word, int grantee, int access, boolean fresh) {
        if (fresh && !(EntryV1.permits(word, (access & Access.COPY) != 0) && EntryV1.domid(word) == grantee)) {
            return false;
        }
        return !(Access.writes(access) && (word & Gtf.READONLY) != 0);
    }

    @Override
    public void read(Leaf leaf) {
        leaf.gfn = memory.load32(leaf.wordAddress + EntryV1.FRAME) & 0xffff_ffffL;
        leaf.windowStart = 0;
        leaf.windowLength = Page.SIZE;
    }

    @Override
    public void clear(long key, int order, long snapshot, int unused) {
        int bits = ((unused & Access.READ) != 0 ? Gtf.READING : 0) | (Access.writes(unused) ? Gtf.WRITING : 0);
        memory.getAndBitwiseAnd32(address(key), ~bits);
    }

    @Override
    public int close(long key, int order, long snapshot) {
        long address = address(key);
        int seen = memory.load32Acquire(address);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int witness = memory.compareAndExchange32(address, seen, seen & ~Gtf.TYPE_MASK);
            if (witness == seen) {
                return Status.OKAY;
            }
            seen = witness;
        }
        return Status.UNSTABLE;
    }

    @Override
    public void swap(long a, long b) {
        long first = memory.load64(address(a));
        memory.store64(address(a), memory.load64(address(b)));
        memory.store64(address(b), first);
    }

    @Override
    public int commitTransfer(long index, int caller) {
        if (index >= size()) {
            return Status.BAD_GNTREF;
        }
        int accepting = EntryV1.word(Gtf.ACCEPT_TRANSFER, caller);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            // Anything but exactly this word is no acceptance, whatever a later look would find.
            if (memory.load32Acquire(address(index)) != accepting) {
                return Status.GENERAL_ERROR;
            }
            int committed = accepting | Gtf.TRANSFER_COMMITTED;
            if (memory.compareAndExchange32(address(index), accepting, committed) == accepting) {
                return Status.OKAY;
            }
        }
        return Status.GENERAL_ERROR;
    }

    @Override
    public long transferFrame(long index) {
        return memory.load32(address(index) + EntryV1.FRAME) & 0xffff_ffffL;
    }

    @Override
    public void completeTransfer(long index, long frame) {
        if (frame != PhysicalMap.INVALID) {
            memory.store32(address(index) + EntryV1.FRAME, (int) frame);
        }
        memory.getAndBitwiseOr32(address(index), Gtf.TRANSFER_COMPLETED);
    }

    @Override
    public void carryOut(int index, Carried entry) {
        int word = memory.load32Acquire(address(index));
        entry.flags = EntryV1.flags(word) & ~IN_USE;
        entry.inUse = EntryV1.flags(word) & IN_USE;
        entry.grantee = EntryV1.domid(word);
        entry.frame = transferFrame(index);
    }

    @Override
    public int accepts(Carried entry) {
        boolean permit = (entry.flags & Gtf.TYPE_MASK) == Gtf.PERMIT_ACCESS;
        boolean transitive = (entry.flags & Gtf.TYPE_MASK) == Gtf.TRANSITIVE;
        return transitive || (permit && entry.frame >>> 32 != 0) ? -Errno.ERANGE : Status.OKAY;
    }

    /** Only what permits access is kept (xen-semantics 2.9, 2 to 1). */
    @Override
    public void carryIn(int index, Carried entry) {
        boolean permit = (entry.flags & Gtf.TYPE_MASK) == Gtf.PERMIT_ACCESS;
        long address = address(index);
        memory.store32(address + EntryV1.FRAME, permit ? (int) entry.frame : 0);
        memory.store32Release(address, permit ? EntryV1.word(entry.flags | entry.inUse, entry.grantee) : 0);
    }

    @Override
    public void wipe() {
        for (int frame = 0; frame < frames.sharedCount(); frame++) {
            memory.fill(Page.address(frames.sharedFrame(frame)), Page.SIZE, (byte) 0);
        }
    }
}
