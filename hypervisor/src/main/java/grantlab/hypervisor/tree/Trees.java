package grantlab.hypervisor.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The trees of one granter, by slot. Slot 0 is the flat table and never here. */
public final class Trees {
    /** Trees that a domain may have. */
    public static final int LIMIT = 64;

    private static final int GENERATIONS = 256;

    private final AtomicReferenceArray<@Nullable Tree> bySlot = new AtomicReferenceArray<>(LIMIT + 1);
    private final int[] generations = new int[LIMIT + 1];

    /** None. */
    public Trees() {}

    /** What makes a tree once its place is known. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Makes the tree.
         *
         * @param slot where
         * @param generation of that slot
         * @return the tree
         */
        Tree make(int slot, int generation);
    }

    /**
     * Adds a tree in the first free slot, with a generation that the slot has not had before.
     *
     * @param maker makes it
     * @return the tree, or null when all slots are taken
     */
    public synchronized @Nullable Tree add(Maker maker) {
        for (int slot = 1; slot <= LIMIT; slot++) {
            if (bySlot.get(slot) == null) {
                generations[slot] = (generations[slot] + 1) % GENERATIONS;
                Tree tree = maker.make(slot, generations[slot]);
                bySlot.set(slot, tree);
                return tree;
            }
        }
        return null;
    }

    /**
     * A tree.
     *
     * @param slot any number
     * @return null where there is none
     */
    public @Nullable Tree find(int slot) {
        return slot >= 1 && slot <= LIMIT ? bySlot.get(slot) : null;
    }

    /**
     * Forgets a tree.
     *
     * @param tree of this domain
     * @return whether it was there
     */
    public synchronized boolean remove(Tree tree) {
        return bySlot.compareAndSet(tree.slot(), tree, null);
    }

    /**
     * Puts back what {@link #remove} took, since it turned out to be in use.
     *
     * @param tree as it was
     */
    public synchronized void restore(Tree tree) {
        bySlot.set(tree.slot(), tree);
    }

    /**
     * Takes all trees through which nothing is in use, for a domain that dies.
     *
     * @return those that were taken; they may turn out to be in use and be {@link #restore restored}
     */
    public synchronized List<Tree> takeUnused() {
        List<Tree> taken = new ArrayList<>();
        for (int slot = 1; slot <= LIMIT; slot++) {
            Tree tree = bySlot.get(slot);
            if (tree != null && tree.leaves().unused()) {
                bySlot.set(slot, null);
                taken.add(tree);
            }
        }
        return taken;
    }
}
