package grantlab.grant.v2;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;

/**
 * The hypervisor's side of a version 2 table: xen-semantics 3.4 (status update), 3.5 (clearing bits), 2.5 row 9 (transfer)
 * and 2.9 (what survives set_version), one rule a method.
 *
 * <p>The protocol has two words. The granter withdraws by clearing the flags and then looks at the status word; the mark
 * sets the status word and then looks at the flags again. Whoever comes second sees the other.
 */
final class TableV2 implements FlatTable {
    /** Attempts against a guest that keeps changing the word (XSA-295). */
    private static final int ATTEMPTS = 5;

    private final MachineMemory memory;
    private final TableFrames frames;
    private final StatusWords statusWords;

    TableV2(MachineMemory memory, TableFrames frames) {
        this.memory = memory;
        this.frames = frames;
        this.statusWords = new StatusWords(memory, frames);
    }

    private long address(long index) {
        return CodecV2.entryAddress(frames, index);
    }

    @Override
    public long size() {
        return (long) frames.sharedCount() * EntryV2.ENTRIES_PER_FRAME;
    }

    /** Whether it is a hop is decided for copies alone: a mapping of one is refused by its type. */
    @Override
    public int locate(long index, int access, Leaf leaf) {
        if (index >= size()) {
            return Status.BAD_GNTREF;
        }
        leaf.key = index;
        leaf.order = Page.ORDER_4K;
        leaf.snapshot = 0;
        leaf.wordAddress = address(index);
        leaf.kind = kind(memory.load32Acquire(leaf.wordAddress), access);
        return Status.OKAY;
    }

    private static int kind(int header, int access) {
        return isCopy(access) && EntryV2.isTransitive(header) ? Leaf.HOP : Leaf.PAGE;
    }

    private static boolean isCopy(int access) {
        return (access & Access.COPY) != 0;
    }

    /** What kind it is, is decided anew: since it was located the granter may have exchanged it for another entry. */
    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        if (!grants(memory.load32Acquire(leaf.wordAddress), grantee, access, fresh)) {
            return Status.GENERAL_ERROR;
        }
        statusWords.set(leaf.key, bits(access));
        int header = memory.load32Acquire(leaf.wordAddress);
        if (!grants(header, grantee, access, fresh)) {
            statusWords.clear(leaf.key, fresh ? StatusWords.IN_USE : Gtf.WRITING);
            return Status.GENERAL_ERROR;
        }
        leaf.kind = kind(header, access);
        return Status.OKAY;
    }

    /** An entry in use already is looked at only for its readonly bit. */
    private static boolean grants(int header, int grantee, int access, boolean fresh) {
        if (fresh && !(EntryV2.permits(header, isCopy(access)) && EntryV2.domid(header) == grantee)) {
            return false;
        }
        return !(Access.writes(access) && (header & Gtf.READONLY) != 0);
    }

    private static int bits(int access) {
        return Access.writes(access) ? StatusWords.IN_USE : Gtf.READING;
    }

    @Override
    public void read(Leaf leaf) {
        if (leaf.kind == Leaf.HOP) {
            leaf.hopDomid = memory.load16(leaf.wordAddress + EntryV2.TRANS_DOMID) & 0xffff;
            leaf.hopRef = memory.load32(leaf.wordAddress + EntryV2.GREF) & 0xffff_ffffL;
            return;
        }
        leaf.gfn = memory.load64(leaf.wordAddress + EntryV2.FRAME);
        if ((memory.load32Acquire(leaf.wordAddress) & Gtf.SUB_PAGE) == 0) {
            leaf.kind = Leaf.PAGE;
            leaf.windowStart = 0;
            leaf.windowLength = Page.SIZE;
        } else {
            leaf.kind = Leaf.WINDOW;
            leaf.windowStart = memory.load16(leaf.wordAddress + EntryV2.PAGE_OFF) & 0xffff;
            leaf.windowLength = memory.load16(leaf.wordAddress + EntryV2.LENGTH) & 0xffff;
        }
    }

    @Override
    public void clear(long key, int order, long snapshot, int unused) {
        int bits = ((unused & Access.READ) != 0 ? Gtf.READING : 0) | (Access.writes(unused) ? Gtf.WRITING : 0);
        statusWords.clear(key, bits);
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

    /** Both words of each: the entry and its status. */
    @Override
    public void swap(long a, long b) {
        for (int at = 0; at < EntryV2.SIZE; at += Long.BYTES) {
            long first = memory.load64(address(a) + at);
            memory.store64(address(a) + at, memory.load64(address(b) + at));
            memory.store64(address(b) + at, first);
        }
        int first = statusWords.load(a);
        statusWords.store(a, statusWords.load(b));
        statusWords.store(b, first);
    }

    @Override
    public int commitTransfer(long index, int caller) {
        if (index >= size()) {
            return Status.BAD_GNTREF;
        }
        int accepting = EntryV2.header(Gtf.ACCEPT_TRANSFER, caller);
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
        return memory.load64(address(index) + EntryV2.FRAME);
    }

    @Override
    public void completeTransfer(long index, long frame) {
        if (frame != PhysicalMap.INVALID) {
            memory.store64(address(index) + EntryV2.FRAME, frame);
        }
        memory.getAndBitwiseOr32(address(index), Gtf.TRANSFER_COMPLETED);
    }

    /** The whole status word, as Xen takes it: what the granter scribbled into it included. */
    @Override
    public void carryOut(int index, Carried entry) {
        int header = memory.load32Acquire(address(index));
        entry.flags = EntryV2.flags(header);
        entry.inUse = statusWords.load(index);
        entry.grantee = EntryV2.domid(header);
        entry.frame = transferFrame(index);
    }

    /** There is room for anything. */
    @Override
    public int accepts(Carried entry) {
        return Status.OKAY;
    }

    @Override
    public void carryIn(int index, Carried entry) {
        statusWords.store(index, entry.inUse & StatusWords.IN_USE);
        memory.store64(address(index) + EntryV2.FRAME, entry.frame);
        memory.store32Release(address(index), EntryV2.header(entry.flags, entry.grantee));
    }

    @Override
    public void wipe() {
        for (int frame = 0; frame < frames.sharedCount(); frame++) {
            memory.fill(Page.address(frames.sharedFrame(frame)), Page.SIZE, (byte) 0);
        }
    }
}
