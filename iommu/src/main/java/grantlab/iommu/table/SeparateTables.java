package grantlab.iommu.table;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import org.jspecify.annotations.Nullable;

/**
 * Tables of their own, four levels of them: device addresses have 48 bits. A device frame has one entry at each time, of order 0, 9
 * or 18.
 *
 * <p>Pages are mapped and unmapped without a lock; larger orders, and what splits them, take the one of this table. Looking takes
 * none.
 */
public final class SeparateTables implements DeviceTables {
    private static final int FRAME_BITS = 36;
    private static final long LIMIT = 1L << FRAME_BITS;

    // What became of the words of a mapping.
    private static final int FOUND = 1;
    private static final int CHANGED = 2;

    private final boolean writeOnlyEntries;
    private final Node root = new Node(FRAME_BITS - Node.SHIFT);
    private final Object shape = new Object();

    /**
     * Empty tables.
     *
     * @param writeOnlyEntries whether an entry may be written and not read
     */
    public SeparateTables(boolean writeOnlyEntries) {
        this.writeOnlyEntries = writeOnlyEntries;
    }

    private static boolean covers(long dfn) {
        return Long.compareUnsigned(dfn, LIMIT) < 0;
    }

    private static boolean isEntry(long word) {
        return DeviceSpace.accessOf(word) != 0;
    }

    @Override
    public long deviceFrame(long place, long mfn) {
        return place;
    }

    // Looking

    @Override
    public long entry(long dfn) {
        if (!covers(dfn)) {
            return DeviceSpace.NO_ENTRY;
        }
        Node node = root;
        while (true) {
            int at = node.at(dfn);
            long word = node.word(at);
            if (word != Node.BELOW) {
                return isEntry(word) ? partOf(word, dfn) : DeviceSpace.NO_ENTRY;
            }
            Node below = node.below(at);
            node = below != null ? below : root;
        }
    }

    /** The entry of one frame in a block: machine frames ascend with device frames. */
    private static long partOf(long entry, long dfn) {
        return entry + (Blocks.within(dfn, DeviceSpace.orderOf(entry)) << DeviceSpace.FRAME_SHIFT);
    }

    private @Nullable Node leaf(long dfn) {
        Node node = root;
        while (node.order() > Page.ORDER_4K) {
            int at = node.at(dfn);
            Node below = node.word(at) == Node.BELOW ? node.below(at) : null;
            if (below == null) {
                return null;
            }
            node = below;
        }
        return node;
    }

    private Node leafMade(long dfn) {
        Node leaf = leaf(dfn);
        return leaf != null ? leaf : nodeMade(dfn, Page.ORDER_4K);
    }

    /** The node with the entries of an order; what is larger around the dfn is split. */
    private Node nodeMade(long dfn, int order) {
        synchronized (shape) {
            Node node = root;
            while (node.order() > order) {
                node = node.split(node.at(dfn));
            }
            return node;
        }
    }

    // Mapping

    @Override
    public int map(long dfn, long mfn, int order, int access) {
        Blocks.requireAligned(dfn, mfn, order);
        if ((access & Access.READ) == 0 && !writeOnlyEntries) {
            return Status.UNSUPPORTED;
        }
        if (!covers(dfn)) {
            return Status.GENERAL_ERROR;
        }
        long entry = DeviceSpace.entry(mfn, order, access & DeviceSpace.ACCESS_MASK);
        return order == Page.ORDER_4K ? mapPage(dfn, entry) : mapBlock(dfn, order, entry);
    }

    private int mapPage(long dfn, long entry) {
        Node leaf = leafMade(dfn);
        int at = leaf.at(dfn);
        while (true) {
            long before = leaf.word(at);
            if (leaf.exchange(at, before, entry)) {
                return change(before, entry);
            }
        }
    }

    private int mapBlock(long dfn, int order, long entry) {
        synchronized (shape) {
            Node node = nodeMade(dfn, order);
            int at = node.at(dfn);
            long before = node.word(at);
            node.put(at, entry);
            return change(before, entry);
        }
    }

    /** Nothing is not remembered. */
    private static int change(long before, long after) {
        return before == Node.NOTHING || before == after ? Status.OKAY : Status.MODIFIED;
    }

    // What a mapping becomes

    @Override
    public int unmap(long dfn, long mfn, int order, int access) {
        return become(dfn, mfn, order, mfn, 0);
    }

    @Override
    public int downgrade(long dfn, long mfn, int order) {
        return become(dfn, mfn, order, mfn, Access.READ);
    }

    @Override
    public int sink(long dfn, long mfn, int order, long scratchMfn) {
        Blocks.requireAligned(dfn, scratchMfn, order);
        return writeOnlyEntries ? become(dfn, mfn, order, scratchMfn, Access.WRITE) : Status.UNSUPPORTED;
    }

    /** What still leads to the frames of a mapping leads to others, or with fewer rights, or nowhere. */
    private int become(long dfn, long mfn, int order, long newMfn, int access) {
        Blocks.requireAligned(dfn, mfn, order);
        if (!covers(dfn)) {
            return Status.GONE;
        }
        int outcome = order == Page.ORDER_4K
                ? pageBecomes(dfn, mfn, newMfn, access)
                : blockBecomes(dfn, mfn, order, newMfn, access);
        if ((outcome & CHANGED) != 0) {
            return Status.MODIFIED;
        }
        return outcome == FOUND ? Status.OKAY : Status.GONE;
    }

    private int pageBecomes(long dfn, long mfn, long newMfn, int access) {
        long entry = entry(dfn);
        if (!isEntry(entry) || DeviceSpace.frameOf(entry) != mfn) {
            return 0;
        }
        Node leaf = leafMade(dfn);
        return wordBecomes(leaf, leaf.at(dfn), mfn, newMfn, access);
    }

    private int blockBecomes(long dfn, long mfn, int order, long newMfn, int access) {
        synchronized (shape) {
            Node node = root;
            while (node.order() > order) {
                int at = node.at(dfn);
                long word = node.word(at);
                if (word != Node.BELOW && (!isEntry(word) || DeviceSpace.frameOf(partOf(word, dfn)) != mfn)) {
                    return 0;
                }
                node = node.split(at);
            }
            return wordBecomes(node, node.at(dfn), mfn, newMfn, access);
        }
    }

    /** With the lock, unless the word is a page's. */
    private static int wordBecomes(Node node, int at, long mfn, long newMfn, int access) {
        while (true) {
            long word = node.word(at);
            if (word == Node.BELOW) {
                return wordsBecome(node.below(at), mfn, newMfn, access);
            }
            if (!isEntry(word) || DeviceSpace.frameOf(word) != mfn) {
                return 0;
            }
            long after = entryThatBecomes(word, newMfn, access);
            if (after == word) {
                return FOUND;
            }
            if (node.exchange(at, word, after)) {
                return FOUND | CHANGED;
            }
        }
    }

    private static int wordsBecome(@Nullable Node node, long mfn, long newMfn, int access) {
        int outcome = 0;
        for (int at = 0; node != null && at < node.words(); at++) {
            long offset = (long) at << node.order();
            outcome |= wordBecomes(node, at, mfn + offset, newMfn + offset, access);
        }
        return outcome;
    }

    /** Of the same frame no right comes that was not there. */
    private static long entryThatBecomes(long entry, long newMfn, int access) {
        boolean same = DeviceSpace.frameOf(entry) == newMfn;
        int rights = same ? access & DeviceSpace.accessOf(entry) : access;
        return rights == 0 ? Node.NOTHING : DeviceSpace.entry(newMfn, DeviceSpace.orderOf(entry), rights);
    }

    // Searching

    @Override
    public long findNext(long mfn, long from) {
        long dfn = next(from);
        while (dfn != DeviceSpace.NONE) {
            long entry = entry(dfn);
            if (isEntry(entry)) {
                long distance = mfn - DeviceSpace.frameOf(entry);
                long end = Blocks.first(dfn, DeviceSpace.orderOf(entry)) + (1L << DeviceSpace.orderOf(entry));
                if (distance >= 0 && distance < end - dfn) {
                    return dfn + distance;
                }
                dfn = end - 1;
            }
            dfn = next(dfn + 1);
        }
        return DeviceSpace.NONE;
    }

    @Override
    public long next(long from) {
        long dfn = Math.max(0, from);
        while (covers(dfn)) {
            Node node = root;
            int at = node.at(dfn);
            while (node.word(at) == Node.BELOW) {
                Node below = node.below(at);
                if (below == null) {
                    break;
                }
                node = below;
                at = node.at(dfn);
            }
            if (isEntry(node.word(at))) {
                return dfn;
            }
            // What was just covered is passed over like nothing: it came or went during the search.
            dfn = Blocks.first(dfn, node.order()) + (1L << node.order());
        }
        return DeviceSpace.NONE;
    }

    @Override
    public void clear() {
        synchronized (shape) {
            for (int at = 0; at < root.words(); at++) {
                root.put(at, Node.NOTHING);
            }
        }
    }
}
