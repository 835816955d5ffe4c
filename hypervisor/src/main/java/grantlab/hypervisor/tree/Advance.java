package grantlab.hypervisor.tree;

import org.jspecify.annotations.Nullable;

/**
 * What one vCPU is charged for and does not use yet, of one tree and its share: so it need not count one by one (grant-v3.md,
 * section 6). It stays from one call to the next, at most {@value #MOST} mappings; whoever is refused has others give back what they
 * do not use, before it is said that there is no room.
 *
 * <p>Used by the vCPU's thread, and by others only to look ({@link #mappings(Share)} and the like) or in its place.
 */
public final class Advance {
    /** Leaves and mappings that are charged ahead at most. */
    private static final int MOST = 32;

    /** So many are charged at once, though one is asked for. */
    private static final int LEAST = 8;

    private final Advance[] ofDomain;
    private @Nullable Tree tree;
    private Share share = Share.NONE;
    private int limit;
    private int maxActive;
    private int maxMappings;
    private int leaves;
    private int mappings;
    private boolean toAsk;
    private boolean asked;

    /**
     * Nothing is charged.
     *
     * @param ofDomain those of all vCPUs of its domain, once there are others
     */
    Advance(Advance[] ofDomain) {
        this.ofDomain = ofDomain;
    }

    /**
     * Another run begins. What was charged for another tree, or within other bounds, is given back.
     *
     * @param through which tree, or null: through the flat table
     * @param pays for its mappings
     */
    public void begin(@Nullable Tree through, Share pays) {
        if (through != tree || pays != share || outdated()) {
            settle();
            tree = through;
            share = pays;
            limit = pays.limit();
            if (through != null) {
                maxActive = through.maxActive();
                maxMappings = through.maxMappings();
            }
        }
    }

    /** What was charged for within other bounds is given back: before a leaf is used through a tree with which no run began. */
    public void heedBounds() {
        if (outdated()) {
            settle();
        }
    }

    private boolean outdated() {
        return share.limit() != limit
                || (tree != null && (tree.maxActive() != maxActive || tree.maxMappings() != maxMappings));
    }

    /**
     * Charges for what is to come, unless there is enough in hand yet. Where there is no room for all of that, each asks for
     * itself.
     *
     * @param coming mappings, at least one
     */
    public void charge(int coming) {
        Tree charged = tree;
        if (charged == null || Math.min(leaves, mappings) >= Math.min(coming, LEAST)) {
            return;
        }
        int ahead = Math.min(Math.max(coming, LEAST), MOST);
        int moreMappings = Math.max(0, ahead - mappings);
        if (!share.take(moreMappings)) {
            return;
        }
        // Of what is left over the leaves were in use already, or stay so.
        int moreLeaves = Math.max(0, ahead - leaves);
        if (charged.take(moreLeaves, moreMappings)) {
            mappings += moreMappings;
            leaves += moreLeaves;
        } else {
            share.give(moreMappings);
        }
    }

    /**
     * A leaf is in use from now on.
     *
     * @param of which tree
     * @return false: no more of its leaves may be (MAP-25)
     */
    public boolean takeLeaf(Tree of) {
        if (leaves > 0 && of == tree) {
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

    /**
     * A mapping ended. It stays charged for, as long as the vCPU maps of the same tree.
     *
     * @param of through which tree
     * @param paid for it
     * @param last whether its leaf is in use no more
     */
    public void ended(Tree of, Share paid, boolean last) {
        // Beyond a bound that was lowered nothing stays in hand: it would be used again.
        if (of != tree || paid != share || of.isOver() || paid.isOver()) {
            of.give(last ? 1 : 0, 1);
            paid.give(1);
            return;
        }
        if (mappings >= MOST || leaves >= MOST) {
            giveBack(Math.max(0, leaves - MOST / 2), Math.max(0, mappings - MOST / 2));
        }
        mappings++;
        leaves += last ? 1 : 0;
    }

    private void giveBack(int ofLeaves, int ofMappings) {
        if (tree != null && (ofLeaves | ofMappings) != 0) {
            tree.give(ofLeaves, ofMappings);
            share.give(ofMappings);
            leaves -= ofLeaves;
            mappings -= ofMappings;
        }
    }

    // What others have in hand

    /** Another element begins: nothing was refused. */
    public void anew() {
        toAsk = false;
        asked = false;
    }

    /**
     * Whether what was just refused stays so: no other vCPU of the domain has something in hand that it does not use. Else it is to be
     * asked for, once for each element.
     *
     * @param of which tree, or null: through the flat table
     * @return true: there is no room
     */
    public boolean isFinal(@Nullable Tree of) {
        boolean others = !asked && othersHave(of);
        toAsk |= others;
        return !others;
    }

    private boolean othersHave(@Nullable Tree of) {
        for (Advance other : ofDomain) {
            if (other != this && (other.mappings(share) != 0 || (of != null && other.leaves(of) != 0))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether others are to be asked since {@link #isFinal} said no. The caller does.
     *
     * @return true once
     */
    public boolean asks() {
        boolean now = toAsk;
        asked |= now;
        toAsk = false;
        return now;
    }

    /** What was charged in vain is given back, and nothing stays charged for. */
    public void settle() {
        giveBack(leaves, mappings);
        tree = null;
        share = Share.NONE;
    }

    /**
     * Leaves of a tree that are charged for and not in use.
     *
     * @param of which tree
     * @return so many; exact at rest
     */
    public int leaves(Tree of) {
        return of == tree ? leaves : 0;
    }

    /**
     * Mappings of a tree that are charged for and are not there.
     *
     * @param of which tree
     * @return so many; exact at rest
     */
    public int mappings(Tree of) {
        return of == tree ? mappings : 0;
    }

    /**
     * The same of a share.
     *
     * @param of which share
     * @return so many; exact at rest
     */
    public int mappings(Share of) {
        return of == share ? mappings : 0;
    }
}
