package grantlab.grant.tree;

import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.LeafRun;
import grantlab.api.grant.NodeCacheCounts;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.grant.tree.cache.NodeCache;
import grantlab.grant.tree.cache.NodeHold;
import grantlab.grant.tree.cache.Nodes;
import java.lang.invoke.VarHandle;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * The hypervisor's side of one tree (grant-v3.md, sections 3, 7 and 19 A), one rule a method.
 *
 * <p>A hold of the node ({@link NodeHold}) is what every verb works with: of the root, which the tree holds for good; of a slot of
 * the cache; or of a walk's own references, where the cache has no room or the leaf is large. The root is the page that it was
 * when it was registered, whatever the granter's map says since.
 */
public final class Tree implements TreeTable {
    /** Against a co-owner who keeps changing the word (section 15.3). */
    private static final int ATTEMPTS = 4;

    private final MachineMemory memory;
    private final Nodes nodes;
    private final NodeCache cache;
    private final Walk walk;

    // A walk under way may go on from an outgrown root: what it comes to is the same. So these are held as long as the
    // tree is.
    private volatile long root;
    private volatile long limit;
    private final long[] outgrown = new long[Levels.MOST];

    // Counted without order: what several vCPUs count at once may be lost.
    private long hits;
    private long misses;
    private long walks;

    /**
     * Over a root that is held already.
     *
     * @param memory the machine's
     * @param nodes the granter's pages
     * @param cache of this tree, empty
     * @param rootFrame machine frame, taken from {@code nodes}; dropped by {@link #dispose}
     * @param levels 1..4
     * @param limit indices are below this
     */
    public Tree(MachineMemory memory, Nodes nodes, NodeCache cache, long rootFrame, int levels, long limit) {
        this.memory = memory;
        this.nodes = nodes;
        this.cache = cache;
        this.walk = new Walk(memory, nodes);
        this.root = NodeHold.root(rootFrame, levels);
        this.limit = limit;
    }

    @Override
    public long size() {
        return limit;
    }

    // To the node and away from it

    /** The node with the entry at which the way to an index ends; its word, loaded once, is in the snapshot. */
    private long findEnd(long index, Leaf leaf) {
        long since = changes();
        if (keeps(leaf, index, since)) {
            leaf.snapshot = walk.load(leaf.kept, index);
            return leaf.kept;
        }
        long found = withoutWalk(index);
        if (found != NodeHold.NONE) {
            leaf.snapshot = walk.load(found, index);
            return kept(leaf, index, found, since);
        }
        misses++;
        walks++;
        long mapChanges = cache.mapChanges();
        long invalidations = cache.invalidations();
        return kept(leaf, index, cached(index, walk.toEnd(root, index, leaf), mapChanges, invalidations), since);
    }

    /** The node with the entry of a leaf that is known. */
    private long find(long key, int order) {
        int level = Levels.ofOrder(order);
        if (level == 1) {
            long found = withoutWalk(key);
            if (found != NodeHold.NONE) {
                return found;
            }
            misses++;
        }
        walks++;
        long mapChanges = cache.mapChanges();
        long invalidations = cache.invalidations();
        return cached(key, walk.toLevel(root, key, level), mapChanges, invalidations);
    }

    private long find(Leaf near, long key, int order) {
        if (order != Page.ORDER_4K) {
            return find(key, order);
        }
        long since = changes();
        return keeps(near, key, since) ? near.kept : kept(near, key, find(key, order), since);
    }

    /** The node of level 1 without a walk: the only one there is, or one that the cache has. */
    private long withoutWalk(long index) {
        long top = root;
        if (NodeHold.level(top) == 1) {
            hits++;
            return top;
        }
        return cache.pin(index >>> Levels.BITS);
    }

    /** Whether a leaf keeps the node of an index, and nothing changed since it was found; else it keeps none. */
    private boolean keeps(Leaf near, long index, long since) {
        if (near.keeper == this && near.keptPrefix == index >>> Levels.BITS && near.keptSince == since) {
            hits++;
            return true;
        }
        near.letGo();
        return false;
    }

    /** Of both kinds together: neither is ever less than it was. */
    private long changes() {
        return cache.mapChanges() + cache.invalidations();
    }

    private long cached(long index, long hold, long mapChanges, long invalidations) {
        boolean mayBeCached = NodeHold.level(hold) == 1 && NodeHold.isOwn(hold);
        return mayBeCached ? cache.offer(index >>> Levels.BITS, hold, mapChanges, invalidations) : hold;
    }

    /** A node of level 1 stays held until the leaf keeps another. */
    private long kept(Leaf near, long index, long hold, long since) {
        if (NodeHold.level(hold) == 1) {
            near.keeper = this;
            near.kept = hold;
            near.keptPrefix = index >>> Levels.BITS;
            near.keptSince = since;
        }
        return hold;
    }

    @Override
    public void letGo(Leaf leaf) {
        drop(leaf.kept);
        leaf.kept = NodeHold.NONE;
    }

    /** Of the cache, or the root: those are held anyway. What a walk holds was found no room for. */
    @Override
    public boolean lasts(Leaf leaf) {
        return !NodeHold.isOwn(leaf.kept);
    }

    /** Whoever looked at a node is done with it. */
    private void done(long hold) {
        if (NodeHold.level(hold) != 1) {
            drop(hold);
        }
    }

    private void drop(long hold) {
        if (NodeCache.owns(hold)) {
            cache.unpin(hold);
        } else if (NodeHold.isOwn(hold)) {
            nodes.drop(NodeHold.frame(hold));
        }
    }

    @Override
    public void keep(Leaf leaf) {
        done(leaf.hold);
        leaf.hold = NodeHold.NONE;
    }

    @Override
    public void release(Leaf leaf) {
        keep(leaf);
        leaf.letGo();
    }

    // Uses of a leaf

    @Override
    public int locate(long index, int access, Leaf leaf) {
        leaf.hold = NodeHold.NONE;
        int status = index < 0 || index >= limit ? Status.BAD_GNTREF : lookUp(index, leaf);
        if (status != Status.OKAY && status != Status.REVOKED) {
            leaf.letGo();
        }
        return status;
    }

    private int lookUp(long index, Leaf leaf) {
        long hold = findEnd(index, leaf);
        if (hold == NodeHold.NONE) {
            return Status.BAD_GNTREF;
        }
        long word = leaf.snapshot;
        int status = located(word, NodeHold.level(hold));
        if (status == Status.OKAY || status == Status.REVOKED) {
            describe(index, hold, word, leaf);
        } else {
            done(hold);
        }
        return status;
    }

    /** What a word is for whoever comes to it, at the end of the way. */
    private static int located(long word, int level) {
        if (!LeafWord.isLeafOrTombstone(word) || !LeafWord.isSound(word) || level > Levels.HIGHEST_LEAF) {
            return Status.BAD_GNTREF;
        }
        if (LeafWord.type(word) == LeafWord.TOMBSTONE) {
            return Status.REVOKED;
        }
        return LeafWord.isAligned(word, Levels.order(level)) ? Status.OKAY : Status.BAD_PAGE;
    }

    private static void describe(long index, long hold, long word, Leaf leaf) {
        int level = NodeHold.level(hold);
        leaf.key = Levels.first(index, level);
        leaf.order = Levels.order(level);
        leaf.kind = Leaf.PAGE;
        leaf.snapshot = LeafWord.grant(word);
        leaf.wordAddress = Walk.address(hold, index);
        leaf.gfn = LeafWord.frame(word) + (index - leaf.key);
        leaf.windowStart = 0;
        leaf.windowLength = Page.SIZE;
        leaf.rights = LeafWord.rights(word, hold);
        leaf.hold = hold;
    }

    /** The word is loaded again: what was located may have ended since, and been in somebody else's use when it did. */
    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        long seen = memory.load64Acquire(leaf.wordAddress);
        int status = granted(seen, leaf, access);
        if (status != Status.OKAY) {
            return status;
        }
        long marked = LeafWord.marked(seen, access);
        boolean done = marked == seen || memory.compareAndExchange64(leaf.wordAddress, seen, marked) == seen;
        return done ? Status.OKAY : Status.UNSTABLE;
    }

    /** Without a walk: whoever finds nothing locates, and then the node is kept, if it is one of leaves of one page. */
    @Override
    public int look(Leaf near, long first, int count, int needed, LeafRun run) {
        if (first < 0 || first + count > limit) {
            return 0;
        }
        long since = changes();
        long hold = keeps(near, first, since) ? near.kept : kept(near, first, withoutWalk(first), since);
        if (hold == NodeHold.NONE) {
            return 0;
        }
        run.wordAddress = Walk.address(hold, first);
        memory.load64s(run.wordAddress, run.words, count);
        VarHandle.acquireFence();
        int found = 0;
        while (found < count && isGranted(run.words[found], hold, needed)) {
            found++;
        }
        for (int i = 0; i < found; i++) {
            run.snapshots[i] = LeafWord.grant(run.words[i]);
            run.gfns[i] = LeafWord.frame(run.words[i]);
        }
        return found;
    }

    private static boolean isGranted(long word, long hold, int needed) {
        return LeafWord.type(word) == LeafWord.LEAF
                && LeafWord.isSound(word)
                && LeafWord.permits(LeafWord.rights(word, hold), needed);
    }

    @Override
    public int mark(LeafRun run, int count, int grantee, int access) {
        int marked = 0;
        while (marked < count && isMarked(run, marked, access)) {
            marked++;
        }
        return marked;
    }

    private boolean isMarked(LeafRun run, int i, int access) {
        long address = run.wordAddress + (long) i * Long.BYTES;
        long seen = run.words[i];
        long marked = LeafWord.marked(seen, access);
        return marked == seen
                ? memory.load64Acquire(address) == seen
                : memory.compareAndExchange64(address, seen, marked) == seen;
    }

    /** What a word is for whoever located a leaf there. */
    private static int granted(long word, Leaf leaf, int access) {
        return switch (LeafWord.type(word)) {
            case LeafWord.EMPTY -> Status.BAD_GNTREF;
            // The leaf made way for smaller ones.
            case LeafWord.TABLE -> Status.UNSTABLE;
            case LeafWord.TOMBSTONE -> Status.REVOKED;
            default -> stillGranted(word, leaf, access);
        };
    }

    private static int stillGranted(long word, Leaf leaf, int access) {
        if (!LeafWord.isSound(word)) {
            return Status.BAD_GNTREF;
        }
        if (LeafWord.grant(word) != leaf.snapshot) {
            return Status.UNSTABLE;
        }
        int rights = leaf.rights & LeafWord.rights(word, NodeHold.MASKS);
        return LeafWord.permits(rights, access) ? Status.OKAY : Status.PERMISSION_DENIED;
    }

    /** {@link #locate} has said all. */
    @Override
    public void read(Leaf leaf) {}

    @Override
    public void clear(long key, int order, long snapshot, int unused) {
        long hold = find(key, order);
        unmark(hold, key, snapshot, LeafWord.mapped(unused));
        drop(hold);
    }

    @Override
    public void clear(Leaf near, long key, int order, long snapshot, int unused) {
        long hold = find(near, key, order);
        unmark(hold, key, snapshot, LeafWord.mapped(unused));
        done(hold);
    }

    @Override
    public boolean end(long key, int order, long snapshot) {
        long hold = find(key, order);
        long before = unmark(hold, key, snapshot, LeafWord.MAPPED);
        drop(hold);
        return (before & LeafWord.NOTIFY) != 0;
    }

    @Override
    public boolean end(Leaf near, long key, int order, long snapshot) {
        long hold = find(near, key, order);
        long before = unmark(hold, key, snapshot, LeafWord.MAPPED);
        done(hold);
        return (before & LeafWord.NOTIFY) != 0;
    }

    @Override
    public int end(Leaf near, long first, long[] snapshots, int from, int count) {
        long hold = find(near, first, Page.ORDER_4K);
        if (hold == NodeHold.NONE) {
            return 0;
        }
        long address = Walk.address(hold, first);
        int notify = 0;
        for (int i = 0; i < count; i++) {
            long before = unmark(address + (long) i * Long.BYTES, snapshots[from + i], LeafWord.MAPPED);
            notify |= (before & LeafWord.NOTIFY) != 0 ? 1 << i : 0;
        }
        return notify;
    }

    private long unmark(long hold, long key, long snapshot, long bits) {
        return hold == NodeHold.NONE ? 0 : unmark(Walk.address(hold, key), snapshot, bits);
    }

    /**
     * Where writing ends, W_SEEN comes in the same step; against whoever keeps changing the word it comes before that. The word
     * before that step, or 0 where it was none of this grant.
     */
    private long unmark(long address, long snapshot, long bits) {
        long seen = memory.load64Acquire(address);
        for (int attempt = 0; attempt < ATTEMPTS && endsWriting(seen, snapshot, bits); attempt++) {
            long witness = memory.compareAndExchange64(address, seen, LeafWord.unmarked(seen, bits));
            if (witness == seen) {
                return seen;
            }
            seen = witness;
        }
        if (endsWriting(seen, snapshot, bits)) {
            memory.getAndBitwiseOr32(address, (int) LeafWord.W_SEEN);
        }
        return LeafWord.isOf(seen, snapshot) ? memory.getAndBitwiseAnd64(address, ~bits) : 0;
    }

    private static boolean endsWriting(long word, long snapshot, long bits) {
        return LeafWord.isOf(word, snapshot) && (word & bits & LeafWord.MAPPED_W) != 0;
    }

    // Revocation

    @Override
    public long frame(long snapshot) {
        return LeafWord.frame(snapshot);
    }

    @Override
    public int close(long key, int order, long snapshot) {
        return change(key, order, snapshot, LeafWord::closed);
    }

    @Override
    public int protect(long key, int order, long snapshot) {
        return change(key, order, snapshot, LeafWord::readOnly);
    }

    private int change(long key, int order, long snapshot, LongUnaryOperator into) {
        long hold = find(key, order);
        if (hold == NodeHold.NONE) {
            return Status.OKAY;
        }
        boolean changed = changed(Walk.address(hold, key), snapshot, into);
        drop(hold);
        return changed ? Status.OKAY : Status.UNSTABLE;
    }

    /** Nothing is left to be changed where another grant, or none, stands by now. */
    private boolean changed(long address, long snapshot, LongUnaryOperator into) {
        long seen = memory.load64Acquire(address);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (LeafWord.type(seen) != LeafWord.LEAF || !LeafWord.isOf(seen, snapshot)) {
                return true;
            }
            long wanted = into.applyAsLong(seen);
            long witness = wanted == seen ? seen : memory.compareAndExchange64(address, seen, wanted);
            if (witness == seen) {
                return true;
            }
            seen = witness;
        }
        return false;
    }

    /** One compare-exchange: a granter that sees the leaf unused must see that it is attached. */
    @Override
    public void attached(long key, int order, boolean held) {
        long hold = find(key, order);
        if (hold != NodeHold.NONE) {
            attach(Walk.address(hold, key), held);
            drop(hold);
        }
    }

    /**
     * Against whoever keeps changing the word ATTACHED is not set, and the leaf stays in use in the granter's eyes until it asks
     * for v3_sync: the other way round it would grant the index anew.
     */
    private void attach(long address, boolean held) {
        long seen = memory.load64Acquire(address);
        for (int attempt = 0; attempt < ATTEMPTS && LeafWord.type(seen) == LeafWord.TOMBSTONE; attempt++) {
            long wanted = held ? LeafWord.attached(seen) : seen & ~LeafWord.ATTACHED;
            long witness = memory.compareAndExchange64(address, seen, wanted);
            if (witness == seen) {
                return;
            }
            seen = witness;
        }
        if (!held && LeafWord.type(seen) == LeafWord.TOMBSTONE) {
            memory.getAndBitwiseAnd64(address, ~LeafWord.ATTACHED);
        }
    }

    @Override
    public int synchronise(long key, int order, long snapshot, int inUse) {
        long hold = find(key, order);
        if (hold == NodeHold.NONE) {
            return Status.OKAY;
        }
        boolean written = isSynchronised(Walk.address(hold, key), snapshot, LeafWord.mapped(inUse));
        drop(hold);
        return written ? Status.OKAY : Status.UNSTABLE;
    }

    private boolean isSynchronised(long address, long snapshot, long mapped) {
        long seen = memory.load64Acquire(address);
        for (int attempt = 0; attempt < ATTEMPTS && LeafWord.isOf(seen, snapshot); attempt++) {
            long witness = memory.compareAndExchange64(address, seen, LeafWord.synchronised(seen, mapped));
            if (witness == seen) {
                return true;
            }
            seen = witness;
        }
        return !LeafWord.isOf(seen, snapshot);
    }

    // The tree as a whole

    @Override
    public int grow(long newRootGfn) {
        int levels = NodeHold.level(root);
        if (levels == Levels.MOST) {
            return Status.BAD_SIZE;
        }
        long frame = nodes.take(newRootGfn);
        if (frame == Nodes.NONE) {
            return Status.BAD_PAGE;
        }
        long higher = NodeHold.root(frame, levels + 1);
        if (!leadsToRoot(walk.load(higher, 0))) {
            nodes.drop(frame);
            return Status.BAD_PAGE;
        }
        outgrown[levels] = root;
        root = higher;
        limit = Levels.span(levels + 1);
        // The new entry may allow less: what came in from the old root goes, and walks from there are not kept.
        cache.invalidateAll();
        return Status.OKAY;
    }

    private boolean leadsToRoot(long word) {
        if (!LeafWord.isTable(word) || !LeafWord.isSound(word)) {
            return false;
        }
        long frame = nodes.take(LeafWord.frame(word));
        if (frame != Nodes.NONE) {
            nodes.drop(frame);
        }
        return frame == NodeHold.frame(root);
    }

    @Override
    public void invalidate(long prefix, int level) {
        cache.invalidate(prefix, level);
    }

    @Override
    public int generation(long snapshot) {
        return LeafWord.generation(snapshot);
    }

    @Override
    public void survey(Visitor visitor) {
        new Survey(walk, visitor).of(root);
    }

    @Override
    public NodeCacheCounts nodeCache() {
        return new NodeCacheCounts(hits + cache.hits(), misses, walks, cache.held());
    }

    @Override
    public void visitHeldNodes(LongConsumer visitor) {
        visitor.accept(NodeHold.frame(root));
        for (long hold : outgrown) {
            if (hold != NodeHold.NONE) {
                visitor.accept(NodeHold.frame(hold));
            }
        }
        cache.visitHeld(visitor);
    }

    @Override
    public void dispose() {
        cache.invalidateAll();
        nodes.drop(NodeHold.frame(root));
        for (long hold : outgrown) {
            if (hold != NodeHold.NONE) {
                nodes.drop(NodeHold.frame(hold));
            }
        }
    }
}
