package grantlab.hypervisor.caller;

/**
 * What the first phase of v3_unmap took out and the second has to release after the flush: at most 32 records (grant-v3.md,
 * section 1: a slice). One per vCPU, reused.
 */
public final class UnmappedLeaves {
    /** Records between two flushes. */
    public static final int CAPACITY = 32;

    /** The place held nothing any more. */
    public static final int NOTHING_HELD = 0;

    private final int[] records = new int[CAPACITY];
    private final int[] held = new int[CAPACITY];
    private int size;

    /** Empty. */
    public UnmappedLeaves() {}

    /**
     * Remembers a record.
     *
     * @param record claimed and out of its set
     * @param access what its place held: READ, READ | WRITE, or {@link #NOTHING_HELD}
     */
    public void add(int record, int access) {
        records[size] = record;
        held[size++] = access;
    }

    /** What a place held, where it was not known before. */
    public void hold(int i, int access) {
        held[i] = access;
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

    /** What its place held. */
    public int held(int i) {
        return held[i];
    }

    /** Nothing waits any more. */
    public void clear() {
        size = 0;
    }
}
