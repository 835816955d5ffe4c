package grantlab.throwaway;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;

/** The hypervisor's side: each use reads the line, and marks it by compare-exchange. */
final class LedgerTable implements TreeTable {
    private static final int ATTEMPTS = 4;

    private final MachineMemory memory;
    private final FrameTable frames;
    private final long root;
    private final long indexLimit;

    LedgerTable(MachineMemory memory, FrameTable frames, long root, long indexLimit) {
        this.memory = memory;
        this.frames = frames;
        this.root = root;
        this.indexLimit = indexLimit;
    }

    private long address(long line) {
        return Page.address(root) + line * Line.BYTES;
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
        leaf.key = index / Line.INDICES;
        leaf.wordAddress = address(leaf.key);
        leaf.snapshot = memory.load64Acquire(leaf.wordAddress) & ~(Line.READ_NOW | Line.WRITTEN_NOW);
        leaf.order = (leaf.snapshot & Line.LARGE) != 0 ? Page.ORDER_2M : Page.ORDER_4K;
        leaf.kind = Leaf.PAGE;
        leaf.rights = Access.READ | Access.WRITE | Access.HOST | Access.DEVICE | Access.COPY;
        long page = index % Line.INDICES;
        leaf.gfn = Line.frame(leaf.snapshot) + page;
        return leaf.order == Page.ORDER_4K && page != 0 ? Status.BAD_GNTREF : Status.OKAY;
    }

    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        long seen = leaf.snapshot;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            boolean permits = (seen & Line.GRANTED) != 0 && (!Access.writes(access) || (seen & Line.WRITE) != 0);
            boolean sameOrder = ((seen ^ leaf.snapshot) & Line.LARGE) == 0;
            if (!permits || !sameOrder) {
                return Status.GENERAL_ERROR;
            }
            long marked = seen | Line.READ_NOW | (Access.writes(access) ? Line.WRITTEN_NOW : 0);
            long witness = memory.compareAndExchange64(leaf.wordAddress, seen, marked);
            if (witness == seen) {
                return Status.OKAY;
            }
            seen = witness;
        }
        return Status.UNSTABLE;
    }

    @Override
    public void read(Leaf leaf) {}

    @Override
    public void clear(long key, int order, long snapshot, int unused) {
        long bits = ((unused & Access.READ) != 0 ? Line.READ_NOW : 0) | (Access.writes(unused) ? Line.WRITTEN_NOW : 0);
        memory.getAndBitwiseAnd64(address(key), ~bits);
    }

    @Override
    public int close(long key, int order, long snapshot) {
        memory.getAndBitwiseAnd64(address(key), ~Line.GRANTED);
        return Status.OKAY;
    }

    @Override
    public int protect(long key, int order, long snapshot) {
        memory.getAndBitwiseAnd64(address(key), ~Line.WRITE);
        return Status.OKAY;
    }

    @Override
    public int grow(long newRootGfn) {
        return Status.UNSUPPORTED;
    }

    @Override
    public void invalidate(long prefix, int level) {}

    @Override
    public int synchronise(long key, int order, long snapshot, int inUse) {
        clear(key, order, snapshot, ~inUse & (Access.READ | Access.WRITE));
        return Status.OKAY;
    }

    @Override
    public void attached(long key, int order, boolean held) {}

    @Override
    public void dispose() {
        frames.put(root, Page.ORDER_4K);
    }
}
