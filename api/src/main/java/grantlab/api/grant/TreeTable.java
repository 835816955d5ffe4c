package grantlab.api.grant;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import java.util.function.LongConsumer;

/**
 * The hypervisor's side of a table in the granter's memory: the verbs that only trees have, and what the others mean for trees
 * (grant-v3.md, sections 3 and 7).
 *
 * <p>locate loads each word of the walk exactly once. It answers BAD_GNTREF for an empty entry, a missing node, an index at or
 * beyond the limit and reserved bits, BAD_PAGE for a large leaf that is not aligned, REVOKED for a tombstone; with zero and with
 * REVOKED key, order, snapshot, rights and gfn are filled, and the node of the entry is held until {@link #release}:
 * it stays the granter's and writable memory for so long. Every other answer holds nothing.
 *
 * <p>{@link #keep} in place of release leaves the node held by the {@link Leaf}: the next lookup with the same one that comes to
 * the same node needs no more than to ask whether something changed since. Whoever leaves the hypervisor, or waits, calls
 * {@link Leaf#leave} before.
 *
 * <p>mark is one attempt: it loads the word again, judges it, and sets the bits of the use by one compare-exchange unless they
 * are set. It answers PERMISSION_DENIED, REVOKED or BAD_GNTREF as the word stands now, and UNSTABLE when the word is another
 * grant's or changed under the compare-exchange: then the caller locates again, a bounded number of times.
 *
 * <p>clear looks at type, frame and generation once: a leaf or tombstone of the same grant loses the bits in one step, anything
 * else is left alone. When writing ends, the leaf stays marked as having been written.
 *
 * <p>Threads: as in {@link GrantTable}; invalidate by any thread; grow by one at a time, beside all other uses; dispose by one that
 * excludes every other use.
 */
public interface TreeTable extends GrantTable {
    /**
     * One more level: the new root's entry 0 is the old root, so that indices keep their meaning. {@link #size} becomes all
     * that the new height spans; a lower limit is for the engine to keep.
     *
     * @param newRootGfn the new root node
     * @return zero; BAD_SIZE when it cannot be higher; BAD_PAGE when the root is not the granter's own ordinary RAM or does not
     *     lead to the old one
     */
    int grow(long newRootGfn);

    /**
     * The last use of a leaf ended: {@link #clear} of everything, and one look at what the granter wants, in the same step: if it
     * asked before it saw the leaf unused it is heard.
     *
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot as kept since the leaf was first used
     * @return whether the granter wants to hear of it (NOTIFY)
     */
    default boolean end(long key, int order, long snapshot) {
        clear(key, order, snapshot, Access.READ | Access.WRITE);
        return false;
    }

    /**
     * {@link #end} by way of a node that may be kept.
     *
     * @param near keeps the node that is come to
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot as kept since the leaf was first used
     * @return as end does
     */
    default boolean end(Leaf near, long key, int order, long snapshot) {
        return end(key, order, snapshot);
    }

    /**
     * Looks at leaves of one page that stand beside one another, in the lowest node of the tree, where a table can do that at less
     * cost than leaf by leaf. Each word is loaded once. What is not an ordinary leaf that allows what is needed ends it: the engine
     * locates that one by itself, and learns why. The node is held by the leaf that keeps it. A table that has this way has it for every
     * node that the leaf keeps.
     *
     * @param near keeps the node that is come to
     * @param first index of the first leaf
     * @param count 1..{@link LeafRun#MOST}, all in one node
     * @param needed what each must allow, as {@link Leaf#rights} says it
     * @param run is told about them
     * @return how many there are, from the first on; zero where there is no such way
     */
    default int look(Leaf near, long first, int count, int needed, LeafRun run) {
        return 0;
    }

    /**
     * {@link #mark} of leaves that are as they were looked at; one that changed meanwhile ends it. Nobody else marks them.
     *
     * @param run from {@link #look}, whose node is still kept
     * @param count how many of them
     * @param grantee for whom
     * @param access READ or READ | WRITE
     * @return how many were marked, from the first on
     */
    default int mark(LeafRun run, int count, int grantee, int access) {
        return 0;
    }

    /**
     * {@link #end} of leaves of one page that stand beside one another, in one node.
     *
     * @param near keeps the node that is come to
     * @param first index of the first leaf
     * @param snapshots as kept since each was first used
     * @param from where in these that of the first leaf is
     * @param count 1..{@link LeafRun#MOST}
     * @return bit n: the granter wants to hear of leaf {@code first + n}
     */
    default int end(Leaf near, long first, long[] snapshots, int from, int count) {
        int notify = 0;
        for (int i = 0; i < count; i++) {
            notify |= end(near, first + i, Page.ORDER_4K, snapshots[from + i]) ? 1 << i : 0;
        }
        return notify;
    }

    /**
     * {@link #clear} by way of a node that may be kept.
     *
     * @param near keeps the node that is come to
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot as kept since the leaf was first used
     * @param unused as in clear
     */
    default void clear(Leaf near, long key, int order, long snapshot, int unused) {
        clear(key, order, snapshot, unused);
    }

    /**
     * Forgets cached table entries, those that a walk comes to at this moment too; a change of the granter's map does so for all of them,
     * with the next lookup. No later locate or clear goes by them; who located before has the old node until release, and
     * the caller waits for those before it tells the guest that the page may become something else.
     *
     * @param prefix index of a page below the entry
     * @param level of the entry; the root is the highest
     */
    void invalidate(long prefix, int level);

    /**
     * Writes the bits that say in use from what the engine knows.
     *
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot as kept since the leaf was first used
     * @param inUse {@link grantlab.api.Access#READ} and WRITE as uses exist, or 0
     * @return zero, also where another grant or none stands by now; {@link grantlab.api.Status#UNSTABLE} when the guest kept
     *     changing the word
     */
    int synchronise(long key, int order, long snapshot, int inUse);

    /**
     * The leaf may only be read from now on: no use that is marked afterwards writes. Uses that are there, and their marks, stay.
     *
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot as located
     * @return zero, also where another grant or none stands by now; {@link grantlab.api.Status#UNSTABLE} when the guest kept
     *     changing the word
     */
    int protect(long key, int order, long snapshot);

    /**
     * The grantee has (not) let go of a revoked leaf.
     *
     * @param key of the leaf
     * @param order of the leaf
     * @param held whether it still holds the dead mapping
     */
    void attached(long key, int order, boolean held);

    /**
     * Ends what a successful {@link #locate} began.
     *
     * @param leaf as located
     */
    default void release(Leaf leaf) {}

    /**
     * Ends what a successful {@link #locate} began, but the leaf keeps the node.
     *
     * @param leaf as located
     */
    default void keep(Leaf leaf) {
        release(leaf);
    }

    /**
     * Lets go of the node that a leaf keeps; called by {@link Leaf#letGo}.
     *
     * @param leaf with a node of this table
     */
    default void letGo(Leaf leaf) {}

    /**
     * Whether the node that a leaf keeps may stay kept while its user is outside of the hypervisor; asked by {@link Leaf#leave}. The
     * engine calls letGo in the user's place before {@link #dispose}, and when it tells a granter that a node is its own again.
     *
     * @param leaf with a node of this table
     * @return true where that costs others nothing but a node that is not forgotten
     */
    default boolean lasts(Leaf leaf) {
        return false;
    }

    /**
     * How its cache of nodes fares.
     *
     * @return counts since the table was opened; those of several vCPUs at once may be lost
     */
    default NodeCacheCounts nodeCache() {
        return NodeCacheCounts.NONE;
    }

    /** {@link #frame}: it says none. */
    long NO_FRAME = -1;

    /**
     * What a leaf grants.
     *
     * @param snapshot of a leaf
     * @return the granter's number of its first frame, or {@link #NO_FRAME} where snapshots do not say
     */
    default long frame(long snapshot) {
        return NO_FRAME;
    }

    /**
     * The generation that an entry shows to the grantee.
     *
     * @param snapshot of a leaf
     * @return 0..15; zero where entries have none
     */
    default int generation(long snapshot) {
        return 0;
    }

    /**
     * Shows what the tree holds, for saving and restoring: each leaf and tombstone that the walk would come to, in no order to
     * rely on. A node that several entries lead to is shown once. The granter does not run.
     *
     * @param visitor is shown them
     */
    default void survey(Visitor visitor) {}

    /** Is shown what a tree holds. */
    @FunctionalInterface
    interface Visitor {
        /**
         * A leaf or a tombstone.
         *
         * @param key index of its first page
         * @param order 0, 9 or 18
         * @param gfn the granter's number of its first frame
         * @param snapshot for {@link TreeTable#synchronise}
         * @param tombstone whether it grants nothing any more
         */
        void entry(long key, int order, long gfn, long snapshot, boolean tombstone);
    }

    /**
     * Shows the nodes on which it holds references, for whoever judges the books from outside. At rest.
     *
     * @param visitor is given each machine frame, once for each general and writable-type reference; the root's first
     */
    default void visitHeldNodes(LongConsumer visitor) {}

    /** Gives back the references on nodes. The table is not used any more. */
    void dispose();
}
