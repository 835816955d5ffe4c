package grantlab.p2m.map;

import grantlab.api.memory.Changes;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a translated map: a radix tree with entries of order 18, 9 and 0, one way of saying it at
 * each time: a gfn is in a leaf of 512 small entries, or else under one of order 9, or else under one of order 18.
 *
 * <p>A small entry changes by compare-exchange in its leaf. What changes the <em>shape</em> (a leaf comes, a large entry is
 * put, shattered or taken out) holds the table's lock and makes {@link #shape} odd meanwhile. A leaf that leaves the tree
 * is filled with {@link #MOVED}, so that nobody changes or believes it any more.
 */
final class SuperpageTable {
    private static final VarHandle ENTRIES = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle LEAVES = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle BRANCHES = MethodHandles.arrayElementVarHandle(long[][][].class);
    private static final VarHandle SPANS = MethodHandles.arrayElementVarHandle(Span[].class);

    /** Nothing, and nothing larger around it. */
    private static final long EMPTY = PhysicalMap.INVALID;

    /** In a leaf: look again from the root. In place of a large entry: there is none. No entry looks so. */
    private static final long MOVED = 0;

    private static final int FANOUT = 512;

    /** Guest frames of the first 16 GiB are below this. */
    private static final long LOW_FRAMES = 1L << 22;

    private final long limit;

    /** By gfn's bits above 28. */
    private final Span[] spans;

    /** The leaves of the first 16 GiB once more, in one step: nearly every guest frame is there. */
    private final long[][] lowLeaves = new long[(int) (LOW_FRAMES >>> Page.ORDER_2M)][];

    private final Object lock = new Object();

    /** Odd while the shape changes. */
    private volatile long shape;

    private final Changes memoryChanges = new Changes();

    /** Set before anybody else knows the table. */
    private @Nullable MapWatcher watcher;

    /**
     * An empty table.
     *
     * @param limit gfns are below this; a multiple of 2^18
     */
    SuperpageTable(long limit) {
        this.limit = limit;
        spans = new Span[inRoot(limit - 1) + 1];
    }

    /** The tree of 2^10 GiB: what is beyond the memory of ordinary guests costs nothing until used. */
    private static final class Span {
        static final int SHIFT = Page.ORDER_1G + 10;

        static final int GIBIBYTES = 1 << (SHIFT - Page.ORDER_1G);

        /** Small entries: by gfn's bits 18..27, then 9..17, then 0..8. */
        final long[][][] branches = new long[GIBIBYTES][][];

        /** Entries of order 9, by the same bits. */
        final long[][] large = new long[GIBIBYTES][];

        /** Entries of order 18. */
        final long[] giant = new long[GIBIBYTES];
    }

    boolean covers(long gfn) {
        return Long.compareUnsigned(gfn, limit) < 0;
    }

    /** All but those of grants that come where nothing was, or go and leave nothing. */
    Changes memoryChanges() {
        return memoryChanges;
    }

    void watch(MapWatcher follower) {
        watcher = follower;
    }

    @Nullable
    MapWatcher watcher() {
        return watcher;
    }

    private void changed(long gfn, long old, long entry) {
        countChange(old, entry);
        if (watcher != null) {
            watcher.changed(gfn, Page.ORDER_4K, old == EMPTY);
        }
    }

    private void countChange(long old, long entry) {
        if (!isGrantOrNothing(old) || !isGrantOrNothing(entry)) {
            memoryChanges.add();
        }
    }

    private static boolean isGrantOrNothing(long entry) {
        if (entry == EMPTY) {
            return true;
        }
        return PhysicalMap.isGrant(PhysicalMap.typeOf(entry));
    }

    // Looking

    /** The entry of a gfn, with the frame of that very gfn; or INVALID. */
    long entry(long gfn) {
        if (!covers(gfn)) {
            return EMPTY;
        }
        long @Nullable [] leaf = leaf(gfn);
        if (leaf != null) {
            long entry = (long) ENTRIES.getAcquire(leaf, inLeaf(gfn));
            if (entry != MOVED) {
                return entry;
            }
        }
        return entryOfSteadyShape(gfn);
    }

    private long entryOfSteadyShape(long gfn) {
        while (true) {
            long before = shape;
            if ((before & 1) != 0) {
                awaitShape();
                continue;
            }
            long entry = look(gfn);
            if (entry != MOVED && shape == before) {
                return entry;
            }
        }
    }

    /** Whether nothing stands at 2^order gfns; where no small entries are that takes one look. */
    boolean isVacant(long gfn, int order) {
        while (true) {
            long before = shape;
            if ((before & 1) != 0) {
                awaitShape();
                continue;
            }
            boolean vacant = hasNothing(gfn, Math.min(limit, gfn + (1L << order)));
            if (shape == before) {
                return vacant;
            }
        }
    }

    private boolean hasNothing(long from, long end) {
        for (long gfn = from; gfn < end; gfn = leaf(gfn) != null ? gfn + 1 : endOfNothing(gfn)) {
            if (look(gfn) != EMPTY) {
                return false;
            }
        }
        return true;
    }

    /** Whoever changes the shape holds the lock. */
    private void awaitShape() {
        synchronized (lock) {
            assert (shape & 1) == 0;
        }
    }

    private long look(long gfn) {
        long @Nullable [] leaf = leaf(gfn);
        if (leaf != null) {
            return (long) ENTRIES.getAcquire(leaf, inLeaf(gfn));
        }
        Span span = span(gfn);
        if (span == null) {
            return EMPTY;
        }
        long entry = largeEntry(span, gfn);
        if (entry == MOVED) {
            entry = (long) ENTRIES.getAcquire(span.giant, inSpan(gfn));
        }
        return entry == MOVED ? EMPTY : partOf(entry, gfn);
    }

    private @Nullable Span span(long gfn) {
        return (Span) SPANS.getAcquire(spans, inRoot(gfn));
    }

    private long @Nullable [] leaf(long gfn) {
        if (gfn < LOW_FRAMES) {
            return (long[]) LEAVES.getAcquire(lowLeaves, inLowLeaves(gfn));
        }
        Span span = span(gfn);
        if (span == null) {
            return null;
        }
        Object branch = BRANCHES.getAcquire(span.branches, inSpan(gfn));
        return branch == null ? null : (long[]) LEAVES.getAcquire((long[][]) branch, inBranch(gfn));
    }

    /** A leaf comes or goes; the caller holds the lock. */
    private void setLeaf(long[][] branch, long gfn, long @Nullable [] leaf) {
        LEAVES.setRelease(branch, inBranch(gfn), leaf);
        if (gfn < LOW_FRAMES) {
            LEAVES.setRelease(lowLeaves, inLowLeaves(gfn), leaf);
        }
    }

    private static long largeEntry(Span span, long gfn) {
        Object entries = LEAVES.getAcquire(span.large, inSpan(gfn));
        return entries == null ? MOVED : (long) ENTRIES.getAcquire((long[]) entries, inBranch(gfn));
    }

    /** The entry of one gfn under a large entry: frames ascend with it. */
    private static long partOf(long entry, long gfn) {
        long within = gfn & ((1L << PhysicalMap.orderOf(entry)) - 1);
        return entry + (within << PhysicalMap.FRAME_SHIFT);
    }

    private static int inRoot(long gfn) {
        return (int) (gfn >>> Span.SHIFT);
    }

    private static int inSpan(long gfn) {
        return (int) (gfn >>> Page.ORDER_1G) & (Span.GIBIBYTES - 1);
    }

    private static int inBranch(long gfn) {
        return (int) (gfn >>> Page.ORDER_2M) & (FANOUT - 1);
    }

    private static int inLowLeaves(long gfn) {
        return (int) (gfn >>> Page.ORDER_2M);
    }

    private static int inLeaf(long gfn) {
        return (int) gfn & (FANOUT - 1);
    }

    // Small entries

    /**
     * Replaces what stands at a gfn by a small entry or, with INVALID, by nothing.
     *
     * @return what stood there
     */
    long exchange(long gfn, long entry) {
        while (true) {
            long @Nullable [] leaf = leaf(gfn);
            if (leaf == null) {
                if (entry == EMPTY && entry(gfn) == EMPTY) {
                    return EMPTY;
                }
                long covering = shatter(gfn);
                if (covering != EMPTY && replace(gfn, asSmall(covering), entry)) {
                    return covering;
                }
                continue;
            }
            long old = (long) ENTRIES.getVolatile(leaf, inLeaf(gfn));
            if (old == MOVED) {
                awaitShape();
            } else if (old == EMPTY && entry == EMPTY) {
                return EMPTY;
            } else if (ENTRIES.compareAndSet(leaf, inLeaf(gfn), old, entry)) {
                changed(gfn, old, entry);
                return old;
            }
        }
    }

    /**
     * Puts a small entry among small ones where nothing stands.
     *
     * @return false: something does, or there are no small entries; nothing happened
     */
    boolean enter(long gfn, long entry) {
        long @Nullable [] leaf = leaf(gfn);
        boolean entered = leaf != null && ENTRIES.compareAndSet(leaf, inLeaf(gfn), EMPTY, entry);
        if (entered) {
            changed(gfn, EMPTY, entry);
        }
        return entered;
    }

    /**
     * Takes a small entry out from among small ones if it is as expected.
     *
     * @return false: it is not, and nothing happened
     */
    boolean leave(long gfn, long expected) {
        long @Nullable [] leaf = leaf(gfn);
        boolean left = leaf != null && ENTRIES.compareAndSet(leaf, inLeaf(gfn), expected, EMPTY);
        if (left) {
            changed(gfn, expected, EMPTY);
        }
        return left;
    }

    /**
     * Replaces what stands at a gfn if it is as expected.
     *
     * @param expected an entry of any order, or INVALID
     * @param entry a small entry, or INVALID
     * @return whether it was
     */
    boolean replace(long gfn, long expected, long entry) {
        while (true) {
            long @Nullable [] leaf = leaf(gfn);
            if (leaf == null) {
                if (entry(gfn) != expected) {
                    return false;
                }
                shatter(gfn);
                continue;
            }
            long old = (long) ENTRIES.getVolatile(leaf, inLeaf(gfn));
            if (old == MOVED) {
                awaitShape();
                continue;
            }
            if (old != (expected == EMPTY ? EMPTY : asSmall(expected))) {
                return false;
            }
            if (ENTRIES.compareAndSet(leaf, inLeaf(gfn), old, entry)) {
                changed(gfn, old, entry);
                return true;
            }
        }
    }

    private static long asSmall(long entry) {
        return PhysicalMap.entry(PhysicalMap.frameOf(entry), Page.ORDER_4K, PhysicalMap.typeOf(entry));
    }

    // The shape

    @SuppressWarnings("NonAtomicVolatileUpdate") // only with the lock
    private void beginShape() {
        shape++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only with the lock
    private void endShape() {
        shape++;
    }

    /**
     * Makes a gfn stand in a leaf.
     *
     * @return the large entry that covered it until then, or INVALID
     */
    private long shatter(long gfn) {
        synchronized (lock) {
            if (leaf(gfn) != null) {
                return EMPTY;
            }
            long covering = look(gfn);
            beginShape();
            try {
                Span span = spanMade(gfn);
                shatterGiant(span, gfn);
                shatterLarge(span, gfn);
            } finally {
                endShape();
            }
            return covering;
        }
    }

    private Span spanMade(long gfn) {
        Span span = span(gfn);
        if (span == null) {
            span = new Span();
            SPANS.setRelease(spans, inRoot(gfn), span);
        }
        return span;
    }

    /** An entry of order 18, or nothing, becomes 512 of order 9, or nothings. */
    private static void shatterGiant(Span span, long gfn) {
        int at = inSpan(gfn);
        if (BRANCHES.getAcquire(span.branches, at) != null) {
            return;
        }
        LEAVES.setRelease(span.large, at, parts((long) ENTRIES.get(span.giant, at), Page.ORDER_2M, MOVED));
        BRANCHES.setRelease(span.branches, at, new long[FANOUT][]);
        ENTRIES.setRelease(span.giant, at, MOVED);
    }

    /** An entry of order 9, or nothing, becomes a leaf. */
    private void shatterLarge(Span span, long gfn) {
        long[] entries = (long[]) LEAVES.getAcquire(span.large, inSpan(gfn));
        long[] leaf = parts((long) ENTRIES.get(entries, inBranch(gfn)), Page.ORDER_4K, EMPTY);
        setLeaf((long[][]) BRANCHES.getAcquire(span.branches, inSpan(gfn)), gfn, leaf);
        ENTRIES.setRelease(entries, inBranch(gfn), MOVED);
    }

    private static long[] parts(long entry, int order, long nothing) {
        long[] parts = new long[FANOUT];
        for (int i = 0; i < FANOUT; i++) {
            parts[i] = entry == MOVED
                    ? nothing
                    : PhysicalMap.entry(
                            PhysicalMap.frameOf(entry) + ((long) i << order), order, PhysicalMap.typeOf(entry));
        }
        return parts;
    }

    /**
     * Replaces all that stands under a large entry.
     *
     * @param gfn aligned to the order
     * @param order 9 or 18
     * @param entry of that order, or INVALID
     * @return what stood at the first gfn
     */
    long exchangeLarge(long gfn, int order, long entry) {
        long old = exchangeLocked(gfn, order, entry);
        if (watcher != null) {
            watcher.changed(gfn, order, false);
        }
        return old;
    }

    private long exchangeLocked(long gfn, int order, long entry) {
        synchronized (lock) {
            beginShape();
            try {
                long replacement = entry == EMPTY ? MOVED : entry;
                return order == Page.ORDER_1G ? exchangeGiant(gfn, replacement) : exchangeMiddle(gfn, replacement);
            } finally {
                memoryChanges.add();
                endShape();
            }
        }
    }

    private long exchangeMiddle(long gfn, long replacement) {
        long old = look(gfn);
        Span span = spanMade(gfn);
        shatterGiant(span, gfn);
        long[][] branch = (long[][]) BRANCHES.getAcquire(span.branches, inSpan(gfn));
        long[] leaf = (long[]) LEAVES.getAcquire(branch, inBranch(gfn));
        if (leaf != null) {
            old = vacate(leaf);
        }
        ENTRIES.setRelease((long[]) LEAVES.getAcquire(span.large, inSpan(gfn)), inBranch(gfn), replacement);
        setLeaf(branch, gfn, null);
        return old;
    }

    private long exchangeGiant(long gfn, long replacement) {
        long old = look(gfn);
        Span span = spanMade(gfn);
        int at = inSpan(gfn);
        long[][] branch = (long[][]) BRANCHES.getAcquire(span.branches, at);
        if (branch != null) {
            for (int i = FANOUT - 1; i >= 0; i--) {
                long[] leaf = (long[]) LEAVES.getAcquire(branch, i);
                if (leaf != null) {
                    long first = vacate(leaf);
                    old = i == 0 ? first : old;
                    setLeaf(branch, gfn + ((long) i << Page.ORDER_2M), null);
                }
            }
        }
        ENTRIES.setRelease(span.giant, at, replacement);
        LEAVES.setRelease(span.large, at, (long[]) null);
        BRANCHES.setRelease(span.branches, at, (long[][]) null);
        return old;
    }

    /** Takes all entries out of a leaf that is about to leave the tree, and answers the first. */
    private static long vacate(long[] leaf) {
        long first = EMPTY;
        for (int i = FANOUT - 1; i >= 0; i--) {
            first = (long) ENTRIES.getAndSet(leaf, i, MOVED);
        }
        return first;
    }

    // Searching

    /** The first gfn at or after one whose entry names a machine frame; or INVALID. */
    long find(long mfn, long from) {
        return find(mfn, Page.ORDER_4K, from);
    }

    /** The same for a block of machine frames: the first entry that names one of them. */
    long find(long mfn, int order, long from) {
        long gfn = Math.max(0, from);
        while (gfn < limit) {
            long entry = entry(gfn);
            if (entry != EMPTY) {
                long frame = PhysicalMap.frameOf(entry);
                long end = endOf(gfn, PhysicalMap.orderOf(entry));
                long distance = Math.max(0, mfn - frame);
                if (distance < end - gfn && frame + distance < mfn + (1L << order)) {
                    return gfn + distance;
                }
                gfn = end;
            } else {
                gfn = leaf(gfn) != null ? gfn + 1 : endOfNothing(gfn);
            }
        }
        return PhysicalMap.INVALID;
    }

    /** The first gfn at or after one that has an entry; or INVALID. */
    long next(long from) {
        long gfn = Math.max(0, from);
        while (gfn < limit && entry(gfn) == EMPTY) {
            gfn = leaf(gfn) != null ? gfn + 1 : endOfNothing(gfn);
        }
        return gfn < limit ? gfn : PhysicalMap.INVALID;
    }

    /** How far at least nothing stands. A branch that comes meanwhile is found by a later search. */
    private long endOfNothing(long gfn) {
        Span span = span(gfn);
        if (span == null) {
            return endOf(gfn, Span.SHIFT);
        }
        boolean branch = BRANCHES.getAcquire(span.branches, inSpan(gfn)) != null;
        return endOf(gfn, branch ? Page.ORDER_2M : Page.ORDER_1G);
    }

    private static long endOf(long gfn, int order) {
        return ((gfn >>> order) + 1) << order;
    }
}
