package org.example.myformat;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;

/** The hypervisor's side. The granter writes to these words at any time: each is loaded once, and the copy is judged. */
final class MyFormatTable implements TreeTable {
    /** A granter that changes a word all the time is not waited for. */
    private static final int ATTEMPTS = 4;

    private final MachineMemory memory;
    private final FrameTable frames;
    private final long page;
    private final long indexLimit;

    MyFormatTable(MachineMemory memory, FrameTable frames, long page, long indexLimit) {
        this.memory = memory;
        this.frames = frames;
        this.page = page;
        this.indexLimit = indexLimit;
    }

    private long address(long key) {
        return Page.address(page) + key * MyFormatEntry.BYTES;
    }

    @Override
    public long size() {
        return indexLimit;
    }

    @Override
    public int locate(long index, int access, Leaf leaf) {
        if (index < 0 || index >= indexLimit) {
            return Status.BAD_GNTREF;
        }
        leaf.key = index;
        leaf.order = Page.ORDER_4K;
        leaf.wordAddress = address(index);
        long entry = memory.load64Acquire(leaf.wordAddress);
        if ((entry & MyFormatEntry.GRANTED) == 0) {
            return Status.BAD_GNTREF;
        }
        leaf.kind = Leaf.PAGE;
        leaf.gfn = MyFormatEntry.frame(entry);
        leaf.snapshot = MyFormatEntry.grant(entry);
        leaf.rights = Access.READ | Access.HOST | Access.DEVICE | Access.COPY;
        leaf.rights |= (entry & MyFormatEntry.WRITE) != 0 ? Access.WRITE : 0;
        return Status.OKAY;
    }

    /** Judges the word as it is now, and marks it in the same step. */
    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long seen = memory.load64Acquire(leaf.wordAddress);
            if ((seen & MyFormatEntry.GRANTED) == 0) {
                return Status.BAD_GNTREF;
            }
            if (MyFormatEntry.grant(seen) != leaf.snapshot) {
                return Status.UNSTABLE;
            }
            if (Access.writes(access) && (seen & MyFormatEntry.WRITE) == 0) {
                return Status.PERMISSION_DENIED;
            }
            long marked = seen | MyFormatEntry.marks(access | Access.READ);
            if (marked == seen || memory.compareAndExchange64(leaf.wordAddress, seen, marked) == seen) {
                return Status.OKAY;
            }
        }
        return Status.UNSTABLE;
    }

    /** Everything stands in the word that locate loaded. */
    @Override
    public void read(Leaf leaf) {}

    @Override
    public void clear(long key, int order, long snapshot, int unused) {
        drop(key, snapshot, MyFormatEntry.marks(unused));
    }

    @Override
    public int close(long key, int order, long snapshot) {
        drop(key, snapshot, MyFormatEntry.GRANTED);
        return Status.OKAY;
    }

    @Override
    public int protect(long key, int order, long snapshot) {
        drop(key, snapshot, MyFormatEntry.WRITE);
        return Status.OKAY;
    }

    /** Of another grant, nothing. A granter that grants anew between the two steps confuses itself alone. */
    private void drop(long key, long snapshot, long bits) {
        if (MyFormatEntry.grant(memory.load64Acquire(address(key))) == snapshot) {
            memory.getAndBitwiseAnd64(address(key), ~bits);
        }
    }

    @Override
    public int synchronise(long key, int order, long snapshot, int inUse) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long seen = memory.load64Acquire(address(key));
            long right = seen & ~MyFormatEntry.MARKS | MyFormatEntry.marks(inUse);
            if (MyFormatEntry.grant(seen) != snapshot
                    || memory.compareAndExchange64(address(key), seen, right) == seen) {
                return Status.OKAY;
            }
        }
        return Status.UNSTABLE;
    }

    /** One page is all that there is. */
    @Override
    public int grow(long newRootGfn) {
        return Status.BAD_SIZE;
    }

    /** Nothing is cached. */
    @Override
    public void invalidate(long prefix, int level) {}

    /** An entry has no place to say so. */
    @Override
    public void attached(long key, int order, boolean held) {}

    @Override
    public void dispose() {
        frames.put(page, Page.ORDER_4K);
    }
}
