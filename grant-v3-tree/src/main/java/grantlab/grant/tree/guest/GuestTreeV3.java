package grantlab.grant.tree.guest;

import grantlab.api.grant.GuestTree;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.grant.tree.LeafWord;
import grantlab.grant.tree.Levels;

/**
 * What a guest does to its own tree, by the rules (a) to (f) of grant-v3.md, section 3: it publishes with release, ends access only
 * by compare-exchange of the full word while no bit says in use, and grants an index anew only when it is vacant. Nodes come into
 * being when something is granted below them.
 */
public final class GuestTreeV3 implements GuestTree {
    private final GuestKernel kernel;
    private final Vcpu vcpu;
    private final long reference;

    private Node root;
    private int levels;

    /**
     * Over a root that the hypervisor knows.
     *
     * @param kernel of the granting guest
     * @param rootAddress guest address of the root, zeroed
     * @param levels of the tree
     * @param reference of index 0
     */
    public GuestTreeV3(GuestKernel kernel, long rootAddress, int levels, long reference) {
        this.kernel = kernel;
        this.vcpu = kernel.vcpu();
        this.reference = reference;
        this.root = new Node(rootAddress);
        this.levels = levels;
    }

    @Override
    public int levels() {
        return levels;
    }

    @Override
    public long size() {
        return Levels.span(levels);
    }

    @Override
    public long reference(long index) {
        return reference + within(index);
    }

    private long within(long index) {
        if (index < 0 || index >= size()) {
            throw new IllegalArgumentException("index " + index + " is not within 0.." + (size() - 1));
        }
        return index;
    }

    // Granting

    /** A large leaf needs a level of its own and numbers that are the guest's own: machine frames need not be contiguous. */
    @Override
    public boolean canName(long gfn, int order) {
        boolean fits = gfn >= 0 && gfn < Page.FRAME_LIMIT;
        return switch (order) {
            case Page.ORDER_4K -> fits;
            case Page.ORDER_2M, Page.ORDER_1G -> fits && Levels.ofOrder(order) <= levels && kernel.translated();
            default -> false;
        };
    }

    @Override
    public void grant(long index, int grantee, long gfn, int order, int access) {
        requireAligned(within(index), gfn, order);
        int level = Levels.ofOrder(order);
        long entry = nodeMade(index, level).entry(Levels.entry(index, level));
        long before = load(entry);
        if (!LeafWord.isVacant(before)) {
            throw new IllegalStateException(
                    "index " + index + " is not vacant: its entry is 0x" + Long.toHexString(before));
        }
        store(entry, LeafWord.granted(before, gfn, access));
    }

    private void requireAligned(long index, long gfn, int order) {
        if (!canName(gfn, order)) {
            throw new IllegalArgumentException("a tree of " + levels + " levels of this guest cannot name frame 0x"
                    + Long.toHexString(gfn) + " of order " + order);
        }
        if (((index | gfn) & ((1L << order) - 1)) != 0) {
            throw new IllegalArgumentException("index " + index + " and frame 0x" + Long.toHexString(gfn)
                    + " are not both aligned to order " + order);
        }
    }

    private Node nodeMade(long index, int level) {
        Node node = root;
        for (int above = levels; above > level; above--) {
            int at = Levels.entry(index, above);
            Node child = node.child(at);
            node = child != null ? child : makeChild(node, at, index);
        }
        return node;
    }

    private Node makeChild(Node node, int at, long index) {
        long before = load(node.entry(at));
        if (!LeafWord.isVacant(before)) {
            throw new IllegalStateException("index " + index + " lies in a large leaf: 0x" + Long.toHexString(before));
        }
        long page = kernel.allocatePages(Page.ORDER_4K);
        if (page < 0) {
            throw new IllegalStateException("the guest has no page for a node of its tree");
        }
        Node child = new Node(page);
        store(node.entry(at), LeafWord.table(kernel.frameOf(page)));
        node.setChild(at, child);
        return child;
    }

    // Taking back

    /** Where the entry is that an index belongs to, as deep as there are nodes. */
    private long entryOf(long index) {
        Node node = root;
        int level = levels;
        Node child = node.child(Levels.entry(within(index), level));
        while (child != null) {
            node = child;
            level--;
            child = level > 1 ? node.child(Levels.entry(index, level)) : null;
        }
        return node.entry(Levels.entry(index, level));
    }

    /** Nothing granted has ended already. */
    @Override
    public boolean end(long index) {
        long entry = entryOf(index);
        long word = load(entry);
        return switch (LeafWord.type(word)) {
            case LeafWord.EMPTY -> true;
            case LeafWord.LEAF -> !LeafWord.isInUse(word) && exchange(entry, word, LeafWord.emptied(word));
            default -> false;
        };
    }

    @Override
    public boolean inUse(long index) {
        return LeafWord.isInUse(load(entryOf(index)));
    }

    /** Uses that only read may come and go meanwhile. */
    @Override
    public boolean narrow(long index) {
        long entry = entryOf(index);
        long word = load(entry);
        while (LeafWord.type(word) == LeafWord.LEAF && (word & LeafWord.MAPPED_W) == 0) {
            if (exchange(entry, word, word & ~LeafWord.W)) {
                return true;
            }
            word = vcpu.value();
        }
        return false;
    }

    @Override
    public boolean close(long index) {
        long entry = entryOf(index);
        long word = load(entry);
        while (LeafWord.type(word) == LeafWord.LEAF) {
            if (exchange(entry, word, LeafWord.closed(word))) {
                return true;
            }
            word = vcpu.value();
        }
        return false;
    }

    @Override
    public boolean vacate(long index) {
        long entry = entryOf(index);
        long word = load(entry);
        return LeafWord.type(word) == LeafWord.TOMBSTONE
                && LeafWord.isVacant(word)
                && exchange(entry, word, LeafWord.emptied(word));
    }

    // Hearing of the end of uses

    @Override
    public boolean watch(long index) {
        long entry = entryOf(index);
        long word = load(entry);
        while (LeafWord.isLeafOrTombstone(word)) {
            if (exchange(entry, word, word | LeafWord.NOTIFY)) {
                return LeafWord.isInUse(word);
            }
            word = vcpu.value();
        }
        return false;
    }

    @Override
    public long nextWatchedUnused(long from) {
        return nextWatchedUnused(root, levels, 0, from);
    }

    /** As deep as the tree has levels. */
    private long nextWatchedUnused(Node node, int level, long first, long from) {
        for (int at = 0; at < Levels.ENTRIES; at++) {
            long index = first + ((long) at << Levels.order(level));
            boolean before = index + (1L << Levels.order(level)) <= from;
            Node child = before || level == 1 ? null : node.child(at);
            if (child != null) {
                long found = nextWatchedUnused(child, level - 1, index, from);
                if (found >= 0) {
                    return found;
                }
            } else if (index >= from && isWatchedUnused(load(node.entry(at)))) {
                return index;
            }
        }
        return -1;
    }

    private static boolean isWatchedUnused(long word) {
        return LeafWord.isLeafOrTombstone(word) && (word & LeafWord.NOTIFY) != 0 && !LeafWord.isInUse(word);
    }

    // The tree as a whole

    @Override
    public void grow() {
        long page = kernel.allocatePages(Page.ORDER_4K);
        if (page < 0) {
            throw new IllegalStateException("the guest has no page for a higher root");
        }
        Node higher = new Node(page);
        store(higher.entry(0), LeafWord.table(kernel.frameOf(root.address())));
        int status = kernel.growTree(reference, page, Levels.span(levels + 1));
        if (status != 0) {
            kernel.freePages(page, Page.ORDER_4K);
            throw new IllegalStateException("tree_update GROW answers " + status);
        }
        higher.setChild(0, root);
        root = higher;
        levels++;
    }

    @Override
    public int prune() {
        return pruneBelow(root, levels, 0);
    }

    /** As deep as the tree has levels. */
    private int pruneBelow(Node node, int level, long first) {
        int pruned = 0;
        for (int at = 0; at < Levels.ENTRIES && level > 1; at++) {
            Node child = node.child(at);
            if (child != null) {
                long index = first + ((long) at << Levels.order(level));
                pruned += pruneBelow(child, level - 1, index);
                if (holdsNothing(child)) {
                    giveBack(node, at, child, level, index);
                    pruned++;
                }
            }
        }
        return pruned;
    }

    private boolean holdsNothing(Node node) {
        for (int at = 0; at < Levels.ENTRIES; at++) {
            if (LeafWord.type(load(node.entry(at))) != LeafWord.EMPTY) {
                return false;
            }
        }
        return true;
    }

    /** The hypervisor may have the entry in its cache, and would look for leaves in whatever the page becomes. */
    private void giveBack(Node above, int at, Node node, int level, long index) {
        store(above.entry(at), LeafWord.EMPTY);
        int status = kernel.invalidateTree(reference(index), level);
        if (status != 0) {
            throw new IllegalStateException("v3_invalidate answers " + status);
        }
        above.setChild(at, null);
        kernel.freePages(node.address(), Page.ORDER_4K);
    }

    private long load(long address) {
        own(vcpu.load(address, LeafWord.BYTES), address);
        return vcpu.value();
    }

    private void store(long address, long word) {
        own(vcpu.store(address, LeafWord.BYTES, word), address);
    }

    /** What was found there instead is the CPU's value. */
    private boolean exchange(long address, long expected, long replacement) {
        own(vcpu.compareAndExchange(address, LeafWord.BYTES, expected, replacement), address);
        return vcpu.value() == expected;
    }

    private static void own(int faultVector, long address) {
        if (faultVector != 0) {
            throw new IllegalStateException(
                    "the guest lost its own tree: fault " + faultVector + " at 0x" + Long.toHexString(address));
        }
    }
}
