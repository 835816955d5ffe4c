package grantlab.iommu.table;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;

/**
 * Bus addresses that are machine addresses: an entry is the uses that a frame has, its own and those of the blocks around it. The
 * last writer leaves the right to read, the last user leaves nothing (xen-semantics 3.10). What uses a frame is not known here,
 * so that one mapping alone can end in no sink.
 */
public final class IdentityTables implements DeviceTables {
    private final UseCounters pages = new UseCounters(Page.ORDER_4K);
    private final UseCounters blocks = new UseCounters(Page.ORDER_2M);
    private final UseCounters giants = new UseCounters(Page.ORDER_1G);

    /** Nothing is mapped. */
    public IdentityTables() {}

    private UseCounters counters(int order) {
        return switch (order) {
            case Page.ORDER_4K -> pages;
            case Page.ORDER_2M -> blocks;
            default -> giants;
        };
    }

    @Override
    public long deviceFrame(long place, long mfn) {
        return mfn;
    }

    /** Of order 0 always: neighbours in a block may have uses of their own. */
    @Override
    public long entry(long dfn) {
        if (Long.compareUnsigned(dfn, Page.FRAME_LIMIT) >= 0) {
            return DeviceSpace.NO_ENTRY;
        }
        int rights = Uses.rights(pages.word(dfn)) | Uses.rights(blocks.word(dfn)) | Uses.rights(giants.word(dfn));
        return rights == 0 ? DeviceSpace.NO_ENTRY : DeviceSpace.entry(dfn, Page.ORDER_4K, rights);
    }

    @Override
    public int map(long dfn, long mfn, int order, int access) {
        requireSame(dfn, mfn, order);
        if ((access & Access.READ) == 0) {
            return Status.UNSUPPORTED;
        }
        UseCounters counters = counters(order);
        while (true) {
            long word = counters.word(mfn);
            if (Uses.isFull(word, access)) {
                return Status.GENERAL_ERROR;
            }
            long more = Uses.withOneMore(word, access);
            boolean remembered = order != Page.ORDER_4K || entry(dfn) != DeviceSpace.NO_ENTRY;
            if (counters.exchange(mfn, word, more)) {
                // Fewer rights than there are now may be remembered too; nothing is where nothing was.
                return remembered ? change(word, more) : Status.OKAY;
            }
        }
    }

    @Override
    public int unmap(long dfn, long mfn, int order, int access) {
        requireSame(dfn, mfn, order);
        UseCounters counters = counters(order);
        while (true) {
            long word = counters.word(mfn);
            if (!Uses.has(word, access)) {
                return Status.GONE;
            }
            long less = Uses.withoutOne(word, access);
            if (counters.exchange(mfn, word, less)) {
                return change(word, less);
            }
        }
    }

    private static int change(long before, long after) {
        return Uses.rights(before) == Uses.rights(after) ? Status.OKAY : Status.MODIFIED;
    }

    /** One that wrote becomes one that reads. */
    @Override
    public int downgrade(long dfn, long mfn, int order) {
        requireSame(dfn, mfn, order);
        UseCounters counters = counters(order);
        while (true) {
            long word = counters.word(mfn);
            if (!Uses.has(word, Access.WRITE)) {
                return Uses.has(word, Access.READ) ? Status.OKAY : Status.GONE;
            }
            if (Uses.isFull(word, Access.READ)) {
                return Status.GENERAL_ERROR;
            }
            long less = Uses.withOneMore(Uses.withoutOne(word, Access.WRITE), Access.READ);
            if (counters.exchange(mfn, word, less)) {
                return change(word, less);
            }
        }
    }

    private static void requireSame(long dfn, long mfn, int order) {
        Blocks.requireAligned(dfn, mfn, order);
        if (dfn != mfn) {
            throw new IllegalArgumentException("where bus equals machine, dfn 0x" + Long.toHexString(dfn)
                    + " cannot lead to mfn 0x" + Long.toHexString(mfn));
        }
    }

    @Override
    public int sink(long dfn, long mfn, int order, long scratchMfn) {
        return Status.UNSUPPORTED;
    }

    @Override
    public long uses(long mfn, int access) {
        return Uses.ofKind(pages.word(mfn), access);
    }

    @Override
    public long findNext(long mfn, long from) {
        return mfn >= from && entry(mfn) != DeviceSpace.NO_ENTRY ? mfn : DeviceSpace.NONE;
    }

    @Override
    public long next(long from) {
        long first = Math.max(0, from);
        return least(pages.next(first), least(blocks.next(first), giants.next(first)));
    }

    private static long least(long one, long other) {
        // NONE is the largest of all unsigned numbers.
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }

    @Override
    public void clear() {
        pages.clear();
        blocks.clear();
        giants.clear();
    }
}
