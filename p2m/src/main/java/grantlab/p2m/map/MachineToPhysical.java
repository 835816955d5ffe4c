package grantlab.p2m.map;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Xen's M2P: the guest frame at which its owner sees a machine frame. A radix tree of 14, 14 and 12 bits whose parts come
 * into being when an entry is first recorded there. Lock free.
 */
public final class MachineToPhysical {
    private static final VarHandle LEAF_ENTRIES = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle LEAVES = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle BRANCHES = MethodHandles.arrayElementVarHandle(long[][][].class);

    private static final int LEAF_BITS = 12;
    private static final int BRANCH_BITS = 14;

    private final long[][][] branches = new long[1 << BRANCH_BITS][][];

    /** No entries yet. */
    public MachineToPhysical() {}

    /**
     * Looks a machine frame up.
     *
     * @param mfn any number
     * @return its gfn, or {@link FrameTable#NONE}
     */
    public long get(long mfn) {
        if (Long.compareUnsigned(mfn, Page.FRAME_LIMIT) >= 0) {
            return FrameTable.NONE;
        }
        long @Nullable [] leaf = leaf(mfn);
        // Stored as its complement, so that a fresh leaf says NONE everywhere.
        return leaf == null ? FrameTable.NONE : ~(long) LEAF_ENTRIES.getAcquire(leaf, inLeaf(mfn));
    }

    /**
     * Records where a machine frame is seen.
     *
     * @param mfn a machine frame
     * @param gfn its guest frame, or {@link FrameTable#NONE}
     */
    public void set(long mfn, long gfn) {
        if (Long.compareUnsigned(mfn, Page.FRAME_LIMIT) >= 0) {
            throw new IndexOutOfBoundsException("no frame has the number 0x" + Long.toHexString(mfn));
        }
        long @Nullable [] leaf = leaf(mfn);
        if (leaf == null) {
            if (gfn == FrameTable.NONE) {
                return;
            }
            leaf = makeLeaf(mfn);
        }
        LEAF_ENTRIES.setRelease(leaf, inLeaf(mfn), ~gfn);
    }

    private long @Nullable [] leaf(long mfn) {
        Object branch = BRANCHES.getAcquire(branches, inRoot(mfn));
        return branch == null ? null : (long[]) LEAVES.getAcquire((long[][]) branch, inBranch(mfn));
    }

    private long[] makeLeaf(long mfn) {
        Object branch = BRANCHES.getAcquire(branches, inRoot(mfn));
        if (branch == null) {
            long[][] fresh = new long[1 << BRANCH_BITS][];
            Object witness = BRANCHES.compareAndExchange(branches, inRoot(mfn), (long[][]) null, fresh);
            branch = witness == null ? fresh : witness;
        }
        long[] fresh = new long[1 << LEAF_BITS];
        Object witness = LEAVES.compareAndExchange((long[][]) branch, inBranch(mfn), (long[]) null, fresh);
        return witness == null ? fresh : (long[]) witness;
    }

    private static int inRoot(long mfn) {
        return (int) (mfn >>> (BRANCH_BITS + LEAF_BITS));
    }

    private static int inBranch(long mfn) {
        return (int) (mfn >>> LEAF_BITS) & ((1 << BRANCH_BITS) - 1);
    }

    private static int inLeaf(long mfn) {
        return (int) mfn & ((1 << LEAF_BITS) - 1);
    }
}
