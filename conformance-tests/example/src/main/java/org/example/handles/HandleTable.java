package org.example.handles;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;

/** The hypervisor's side: retrieve marks a descriptor, relinquish takes the mark back. */
final class HandleTable implements TreeTable {
    private static final int ATTEMPTS = 4;

    private final MachineMemory memory;
    private final FrameTable frames;
    private final long page;
    private final long indexLimit;

    HandleTable(MachineMemory memory, FrameTable frames, long page, long indexLimit) {
        this.memory = memory;
        this.frames = frames;
        this.page = page;
        this.indexLimit = indexLimit;
    }

    private long state(long key) {
        return Page.address(page) + key / Descriptor.INDICES * Descriptor.BYTES;
    }

    @Override
    public long size() {
        return indexLimit;
    }

    /** The state first: if it is still the same at the mark, the address belonged to it. */
    @Override
    public int locate(long index, int access, Leaf leaf) {
        if (index < 0 || index >= indexLimit) {
            return Status.BAD_GNTREF;
        }
        long offset = index % Descriptor.INDICES;
        leaf.key = index - offset;
        leaf.wordAddress = state(leaf.key);
        long state = memory.load64Acquire(leaf.wordAddress);
        long first = Descriptor.frame(memory.load64Acquire(leaf.wordAddress + Descriptor.ADDRESS));
        leaf.order = Descriptor.order(state);
        if ((state & Descriptor.SHARED) == 0 || offset >= 1L << leaf.order) {
            return Status.BAD_GNTREF;
        }
        leaf.snapshot = Descriptor.share(state);
        leaf.kind = Leaf.PAGE;
        leaf.gfn = first + offset;
        leaf.rights = Access.READ | Access.HOST | Access.DEVICE | Access.COPY;
        leaf.rights |= (state & Descriptor.WRITE) != 0 ? Access.WRITE : 0;
        return (first & (1L << leaf.order) - 1) == 0 ? Status.OKAY : Status.BAD_PAGE;
    }

    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long seen = memory.load64Acquire(leaf.wordAddress);
            if ((seen & Descriptor.SHARED) == 0) {
                return Status.BAD_GNTREF;
            }
            if (Descriptor.share(seen) != leaf.snapshot) {
                return Status.UNSTABLE;
            }
            if (Access.writes(access) && (seen & Descriptor.WRITE) == 0) {
                return Status.PERMISSION_DENIED;
            }
            long marked = seen | Descriptor.uses(access | Access.READ);
            if (marked == seen || memory.compareAndExchange64(leaf.wordAddress, seen, marked) == seen) {
                return Status.OKAY;
            }
        }
        return Status.UNSTABLE;
    }

    @Override
    public void read(Leaf leaf) {}

    @Override
    public void clear(long key, int order, long snapshot, int unused) {
        drop(key, snapshot, Descriptor.uses(unused));
    }

    /** A granter that shares again while it is told so confuses itself alone. */
    private void drop(long key, long snapshot, long bits) {
        if (Descriptor.share(memory.load64Acquire(state(key))) == snapshot) {
            memory.getAndBitwiseAnd64(state(key), ~bits);
        }
    }

    @Override
    public int close(long key, int order, long snapshot) {
        drop(key, snapshot, Descriptor.SHARED);
        return Status.OKAY;
    }

    @Override
    public int protect(long key, int order, long snapshot) {
        drop(key, snapshot, Descriptor.WRITE);
        return Status.OKAY;
    }

    @Override
    public int synchronise(long key, int order, long snapshot, int inUse) {
        long wanted = Descriptor.uses(inUse);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long seen = memory.load64Acquire(state(key));
            long right = (seen & ~Descriptor.USES) | wanted;
            if (Descriptor.share(seen) != snapshot || memory.compareAndExchange64(state(key), seen, right) == seen) {
                return Status.OKAY;
            }
        }
        return Status.UNSTABLE;
    }

    @Override
    public int grow(long newRootGfn) {
        return Status.BAD_SIZE;
    }

    @Override
    public void invalidate(long prefix, int level) {}

    @Override
    public void attached(long key, int order, boolean held) {}

    @Override
    public void dispose() {
        frames.put(page, Page.ORDER_4K);
    }
}
