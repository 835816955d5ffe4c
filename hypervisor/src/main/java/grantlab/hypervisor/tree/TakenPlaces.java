package grantlab.hypervisor.tree;

import grantlab.api.memory.Page;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where the CPUs of one grantee lost a page to a revocation, until it is acknowledged: by place, since that is all that a fault knows.
 * The records hang together in chains, by a word that they have for that, so that nothing is needed when something is taken. All
 * operations exclude each other. A grantee may lose as much as it likes at one place, so taking and acknowledging look at no chain; only
 * its own faults do.
 *
 * <p>It counts the faults of each mapping: the refault guard (grant-v3.md, FAULT-13) is that the first {@link #GUARD} are told.
 */
public final class TakenPlaces {
    /** Faults of a mapping that are told. */
    public static final int GUARD = 16;

    private static final int CHAINS_SHIFT = 10;
    private static final int[] ORDERS = {Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_1G};

    private final Records records;
    private final LeafActs acts;
    private final int[] heads = new int[1 << CHAINS_SHIFT];

    /** So that no guest chooses places of one chain. */
    private final long salt = new SplittableRandom().nextLong() | 1;

    private volatile int size;

    /** None yet, of these records of these leaves. */
    TakenPlaces(Records records, LeafActs acts) {
        this.records = records;
        this.acts = acts;
        Arrays.fill(heads, Records.NONE);
    }

    /**
     * What stood where an access found nothing.
     *
     * @param granter whose it was, a domid
     * @param slot of the tree; 0: the flat table
     * @param generation of the tree
     * @param told whether the grantee is to hear of it
     */
    public record Loss(int granter, int slot, int generation, boolean told) {}

    /** Whether there is none at this moment. */
    public boolean isEmpty() {
        return size == 0;
    }

    /**
     * A place is about to be emptied.
     *
     * @param record claimed, and of a mapping that a CPU reaches
     */
    public synchronized void add(int record) {
        int chain = chain(records.place(record));
        int next = heads[chain];
        records.setNextTaken(record, next);
        records.setPreviousTaken(record, Records.NONE);
        if (next != Records.NONE) {
            records.setPreviousTaken(next, record);
        }
        heads[chain] = record;
        records.setLost(record, true);
        size++;
    }

    /**
     * What was taken is acknowledged.
     *
     * @param record claimed; it may never have been added
     */
    public synchronized void remove(int record) {
        if (!records.lost(record)) {
            return;
        }
        int before = records.previousTaken(record);
        int next = records.nextTaken(record);
        if (before == Records.NONE) {
            heads[chain(records.place(record))] = next;
        } else {
            records.setNextTaken(before, next);
        }
        if (next != Records.NONE) {
            records.setPreviousTaken(next, before);
        }
        records.setLost(record, false);
        size--;
    }

    /**
     * An access came to a place where nothing stands.
     *
     * @param place of the page
     * @return what was taken there last and is not acknowledged; null for nothing
     */
    public synchronized @Nullable Loss met(long place) {
        for (int order : ORDERS) {
            int record = find(place & -(1L << order), order);
            if (record != Records.NONE) {
                return loss(record);
            }
        }
        return null;
    }

    private int find(long place, int order) {
        int record = heads[chain(place)];
        while (record != Records.NONE && (records.place(record) != place || records.order(record) != order)) {
            record = records.nextTaken(record);
        }
        return record;
    }

    private Loss loss(int record) {
        int faults = records.faults(record);
        if (faults < GUARD) {
            records.setFaults(record, faults + 1);
        }
        int granter = records.granter(record);
        if (records.flat(record)) {
            return new Loss(granter, 0, 0, faults < GUARD && !records.estranged(record));
        }
        long tree = acts.tree(records.act(record));
        return new Loss(granter, Tree.slotOf(tree), Tree.generationOf(tree), faults < GUARD);
    }

    private int chain(long place) {
        return (int) ((place * salt) >>> (Long.SIZE - CHAINS_SHIFT));
    }

    /** The grantee died: nobody comes to its places. */
    synchronized void dispose() {
        for (int head : heads) {
            for (int record = head; record != Records.NONE; record = records.nextTaken(record)) {
                records.setLost(record, false);
            }
        }
        Arrays.fill(heads, Records.NONE);
        size = 0;
    }
}
