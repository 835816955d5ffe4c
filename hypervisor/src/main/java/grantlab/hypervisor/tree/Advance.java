package grantlab.hypervisor.tree;

import org.jspecify.annotations.Nullable;

/**
 * What mappings of one call are charged for before they are there, so that it does not count one by one (grant-v3.md, section 6).
 * One per vCPU, reused.
 */
public final class Advance {
    /** Leaves and mappings that are charged at once. */
    private static final int MOST = 32;

    private @Nullable Tree tree;
    private Share share = Share.NONE;
    private int leaves;
    private int mappings;

    /** Nothing is charged. */
    public Advance() {}

    /**
     * Another run begins. What was charged for another tree is given back.
     *
     * @param through which tree, or null: through the flat table
     * @param pays for its mappings
     */
    public void begin(@Nullable Tree through, Share pays) {
        if (through != tree || pays != share) {
            settle();
            tree = through;
            share = pays;
        }
    }

    /**
     * Charges for what is to come, unless there is something in hand yet. Where there is no room for all of that, each asks for
     * itself.
     *
     * @param coming mappings, at least one
     */
    public void charge(int coming) {
        Tree charged = tree;
        if (mappings > 0 || charged == null) {
            return;
        }
        int ahead = Math.min(coming, MOST);
        if (!share.take(ahead)) {
            return;
        }
        // Leaves that are left over were in use already.
        int more = Math.max(0, ahead - leaves);
        if (charged.take(more, ahead)) {
            mappings = ahead;
            leaves += more;
        } else {
            share.give(ahead);
        }
    }

    /**
     * A leaf is in use from now on.
     *
     * @param of which tree
     * @return false: no more of its leaves may be (MAP-25)
     */
    public boolean takeLeaf(Tree of) {
        if (leaves > 0) {
            leaves--;
            return true;
        }
        return of.take(1, 0);
    }

    /** Whether there is room for a mapping within all bounds (MAP-32). */
    public enum Room {
        /** It is charged for. */
        TAKEN,

        /** The grantee's share is used up. */
        NOT_OF_SHARE,

        /** The tree has as many as it may have. */
        NOT_OF_TREE
    }

    /** There is a mapping from now on. */
    public Room takeMapping() {
        if (mappings > 0) {
            mappings--;
            return Room.TAKEN;
        }
        if (!share.take(1)) {
            return Room.NOT_OF_SHARE;
        }
        if (tree != null && !tree.take(0, 1)) {
            share.give(1);
            return Room.NOT_OF_TREE;
        }
        return Room.TAKEN;
    }

    /**
     * Some leaves are in use from now on, and each is mapped once: as far as both are charged for.
     *
     * @param count at most so many
     * @return how many
     */
    public int takeNeighbours(int count) {
        int taken = Math.min(count, Math.min(leaves, mappings));
        leaves -= taken;
        mappings -= taken;
        return taken;
    }

    /**
     * Some of {@link #takeNeighbours} came to nothing.
     *
     * @param count how many
     */
    public void giveNeighbours(int count) {
        leaves += count;
        mappings += count;
    }

    /** A mapping came to nothing. */
    public void giveMapping() {
        if (tree != null) {
            tree.give(0, 1);
        }
        share.give(1);
    }

    /** Nothing more is to come: what was charged in vain is given back. */
    public void settle() {
        if (tree != null && (leaves | mappings) != 0) {
            tree.give(leaves, mappings);
            share.give(mappings);
        }
        leaves = 0;
        mappings = 0;
    }
}
