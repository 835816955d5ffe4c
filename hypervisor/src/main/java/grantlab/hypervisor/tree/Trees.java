package grantlab.hypervisor.tree;

import grantlab.hypervisor.quota.PagePool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The trees of one granter, by slot. Slot 0 is the flat table and never here. Looking one up takes no lock. */
public final class Trees {
    /** The highest slot. */
    public static final int MOST = 4095;

    /** Trees that a domain may have where the toolstack said nothing. */
    public static final int USUAL_QUOTA = 64;

    private static final int GENERATIONS = 256;
    private static final int FIRST_ROOM = 8;

    private volatile AtomicReferenceArray<@Nullable Tree> bySlot = new AtomicReferenceArray<>(FIRST_ROOM);
    private final Revocations flat = new Revocations();
    private final Waits waits = new Waits();

    /** Destroyed, and not acknowledged by their grantees; by slot. */
    private final Map<Integer, Tree> leaving = new ConcurrentHashMap<>();

    private final byte[] generations = new byte[MOST + 1];
    private final PagePool pool;
    private int[] paid = new int[FIRST_ROOM];
    private int quota = USUAL_QUOTA;
    private int count;

    /**
     * None.
     *
     * @param pool of the granter: each tree costs it a page, for the description and the cache of nodes
     */
    public Trees(PagePool pool) {
        this.pool = pool;
    }

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

    /** What the granter is taking back of its flat table, slot 0. */
    public Revocations flatRevocations() {
        return flat;
    }

    /** What the granter's revocations wait for, of all its trees. */
    public Waits waits() {
        return waits;
    }

    /** Whether there may not be one more. */
    public synchronized boolean full() {
        sweep();
        return count >= quota || !pool.hasRoom();
    }

    /** How many there are, with those that wait for their grantees. */
    public synchronized int count() {
        sweep();
        return count;
    }

    /** How many there may be. */
    public synchronized int quota() {
        return quota;
    }

    /**
     * The toolstack sets how many there may be. Fewer than there are takes none away.
     *
     * @param trees at most {@link #MOST}
     */
    public synchronized void setQuota(int trees) {
        quota = trees;
    }

    /** Whether a slot is taken. */
    public synchronized boolean taken(int slot) {
        sweep();
        return lasting(slot) != null;
    }

    /**
     * Adds a tree in the first free slot, with a generation that the slot has not had lately.
     *
     * @param maker makes it
     * @return the tree, or null when there may not be more
     */
    public synchronized @Nullable Tree add(Maker maker) {
        if (full()) {
            return null;
        }
        int slot = 1;
        while (taken(slot)) {
            slot++;
        }
        return put(slot, ((generations[slot] & 0xff) + 1) % GENERATIONS, maker);
    }

    /**
     * Adds a tree where the guest says.
     *
     * @param slot 1..4095
     * @param generation 0..255
     * @param maker makes it
     * @return the tree, or null when the slot is taken or there may not be more
     */
    public synchronized @Nullable Tree addAt(int slot, int generation, Maker maker) {
        return full() || taken(slot) ? null : put(slot, generation, maker);
    }

    private @Nullable Tree put(int slot, int generation, Maker maker) {
        int page = pool.take();
        if (page == PagePool.NONE) {
            return null;
        }
        generations[slot] = (byte) generation;
        Tree tree = maker.make(slot, generation);
        AtomicReferenceArray<@Nullable Tree> slots = bySlot;
        if (slot >= slots.length()) {
            AtomicReferenceArray<@Nullable Tree> grown =
                    new AtomicReferenceArray<>(Math.min(MOST + 1, Math.max(slot + 1, 2 * slots.length())));
            for (int i = 0; i < slots.length(); i++) {
                grown.set(i, slots.get(i));
            }
            slots = grown;
            paid = Arrays.copyOf(paid, grown.length());
        }
        paid[slot] = page;
        slots.set(slot, tree);
        bySlot = slots;
        count++;
        return tree;
    }

    /**
     * A tree.
     *
     * @param slot any number
     * @return null where there is none
     */
    public @Nullable Tree find(int slot) {
        AtomicReferenceArray<@Nullable Tree> slots = bySlot;
        return slot >= 1 && slot < slots.length() ? slots.get(slot) : null;
    }

    /**
     * Beyond every slot in which a tree is found; for whoever looks at all of them.
     *
     * @return a bound; it never becomes less
     */
    public int bound() {
        return bySlot.length();
    }

    /**
     * A tree, also one that was destroyed and waits for its grantee.
     *
     * @param slot any number
     * @return null where there is none
     */
    public @Nullable Tree lasting(int slot) {
        Tree tree = find(slot);
        return tree != null ? tree : leaving.get(slot);
    }

    /**
     * A tree is destroyed, though its grantee has something to acknowledge: nobody finds it any more, and its slot is free when all is
     * acknowledged.
     *
     * @param tree of this domain
     * @return whether it was there
     */
    public synchronized boolean leave(Tree tree) {
        if (find(tree.slot()) != tree) {
            return false;
        }
        leaving.put(tree.slot(), tree);
        bySlot.set(tree.slot(), null);
        return true;
    }

    /** Forgets those for which nobody has anything to acknowledge any more. */
    private void sweep() {
        leaving.values().removeIf(tree -> {
            boolean over = tree.idle();
            if (over) {
                pool.give(paid[tree.slot()]);
                count--;
            }
            return over;
        });
    }

    /**
     * Forgets a tree.
     *
     * @param tree of this domain
     * @return whether it was there
     */
    public synchronized boolean remove(Tree tree) {
        if (find(tree.slot()) != tree) {
            return false;
        }
        bySlot.set(tree.slot(), null);
        pool.give(paid[tree.slot()]);
        count--;
        return true;
    }

    /**
     * All trees, also those that were destroyed and wait for their grantees.
     *
     * @return a snapshot, those that wait last
     */
    public synchronized List<Tree> everything() {
        sweep();
        List<Tree> all = all();
        all.addAll(leaving.values());
        return all;
    }

    /**
     * All trees by slot.
     *
     * @return a snapshot
     */
    public synchronized List<Tree> all() {
        List<Tree> all = new ArrayList<>();
        for (int slot = 1; slot < bySlot.length(); slot++) {
            Tree tree = bySlot.get(slot);
            if (tree != null) {
                all.add(tree);
            }
        }
        return all;
    }
}
