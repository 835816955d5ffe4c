package grantlab.hypervisor.caller;

import grantlab.api.grant.Leaf;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.tree.AtHand;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import org.jspecify.annotations.Nullable;

/**
 * What the first phase of v3_unmap took out and the second has to release after the flush: at most 32 records (grant-v3.md,
 * section 1: a slice); and who does it. One per vCPU, reused.
 */
public final class UnmappedLeaves {
    /** Records between two flushes. */
    public static final int CAPACITY = 32;

    /** No bucket is locked. */
    public static final int UNLOCKED = -1;

    /** No granter. */
    public static final int NOBODY = -1;

    /** The place held nothing any more. */
    public static final int NOTHING_HELD = 0;

    /** Of whoever unmaps, which it is in. */
    public final Section section;

    /** What it has to tell to owners of rings. */
    public final Outbox outbox;

    /** Where what ends goes. */
    public final AtHand atHand;

    /** Keeps a node from one leaf to the next. */
    public final Leaf near;

    /** The bucket that is locked, or {@link #UNLOCKED}. */
    public int bucket = UNLOCKED;

    /** A leaf of that bucket. */
    public long bucketKey;

    /** The tree of the bucket's leaf, and of what it is not charged for any more. */
    public @Nullable Tree tree;

    /** Leaves that are in use no more. */
    public int actsEnded;

    /** Mappings of the tree that ended. */
    public int recordsEnded;

    /** Whose share has too much, or {@link #NOBODY}. */
    public int charged = NOBODY;

    /** The domain of that number. */
    public @Nullable Domain granter;

    /** Mappings of that granter's memory that ended. */
    public int shareEnded;

    private final int[] records = new int[CAPACITY];
    private final long[] states = new long[CAPACITY];
    private final long[] frames = new long[CAPACITY];
    private final long[] uses = new long[CAPACITY];
    private final int[] held = new int[CAPACITY];
    private int size;

    /**
     * Empty.
     *
     * @param section of whoever unmaps
     * @param outbox of whoever unmaps
     * @param atHand of whoever unmaps
     * @param near of whoever unmaps, who lets go of what it keeps
     */
    public UnmappedLeaves(Section section, Outbox outbox, AtHand atHand, Leaf near) {
        this.section = section;
        this.outbox = outbox;
        this.atHand = atHand;
        this.near = near;
    }

    /**
     * Remembers a record.
     *
     * @param from the grantee's
     * @param record claimed and out of its set
     * @return its number here; its place held nothing
     */
    public int add(Records from, int record) {
        int i = size++;
        records[i] = record;
        states[i] = from.state(record);
        frames[i] = from.frame(record);
        uses[i] = from.use(record);
        held[i] = NOTHING_HELD;
        return i;
    }

    /** Whether there must be a flush before more. */
    public boolean full() {
        return size == CAPACITY;
    }

    /** How many records wait. */
    public int size() {
        return size;
    }

    /** A record. */
    public int record(int i) {
        return records[i];
    }

    /** Its act, or its reference of a flat table. */
    public int act(int i) {
        return (int) uses[i];
    }

    /** Whose memory it is. */
    public int granter(int i) {
        return (int) (uses[i] >>> 32);
    }

    /** Its first machine frame. */
    public long frame(int i) {
        return frames[i];
    }

    /** Its order. */
    public int order(int i) {
        return Records.orderOf(states[i]);
    }

    /** As it was mapped: READ or READ | WRITE, with HOST, DEVICE or both. */
    public int access(int i) {
        return Records.accessOf(states[i]);
    }

    /** Whether its act is a reference of the flat table. */
    public boolean flat(int i) {
        return Records.isFlat(states[i]);
    }

    /** Whether a revocation took what it stood for. */
    public boolean empty(int i) {
        return Records.isEmpty(states[i]);
    }

    /** Whether its granter was gone for good when it was added. */
    public boolean estranged(int i) {
        return Records.isEstranged(states[i]);
    }

    /**
     * Its place held something.
     *
     * @param access READ or READ | WRITE
     */
    public void setHeld(int i, int access) {
        held[i] = access;
    }

    /** What its place held. */
    public int held(int i) {
        return held[i];
    }

    /** Nothing waits any more. */
    public void clear() {
        size = 0;
    }
}
