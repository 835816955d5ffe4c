package grantlab.hypervisor.caller;

import grantlab.hypervisor.tree.RecordWord;
import grantlab.hypervisor.tree.Records;

/**
 * What the first phase of v3_unmap took out and the second has to release after the flush: at most 32 records (grant-v3.md,
 * section 1: a slice), as they were when they were claimed. One per vCPU, reused.
 */
public final class UnmappedLeaves {
    /** Records between two flushes. */
    public static final int CAPACITY = 32;

    /** The place held nothing any more. */
    public static final int NOTHING_HELD = 0;

    private final int[] records = new int[CAPACITY];
    private final long[] words = new long[CAPACITY];
    private final long[] frames = new long[CAPACITY];
    private final long[] uses = new long[CAPACITY];
    private final int[] held = new int[CAPACITY];
    private int size;

    /** Empty. */
    public UnmappedLeaves() {}

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
        words[i] = from.word(record);
        frames[i] = from.frame(record);
        uses[i] = from.use(record);
        held[i] = NOTHING_HELD;
        return i;
    }

    /**
     * Remembers a record whose place was emptied before.
     *
     * @param from the grantee's
     * @param record claimed once more
     */
    public void addEmptied(Records from, int record) {
        int i = add(from, record);
        held[i] = RecordWord.held(words[i]);
    }

    /** Whether there must be a flush before more. */
    public boolean full() {
        return size == CAPACITY;
    }

    /** Whether a record waits. */
    public boolean has(int record) {
        for (int i = 0; i < size; i++) {
            if (records[i] == record) {
                return true;
            }
        }
        return false;
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
        return RecordWord.order(words[i]);
    }

    /** As it was mapped: READ or READ | WRITE, with HOST, DEVICE or both. */
    public int access(int i) {
        return RecordWord.access(words[i]);
    }

    /** Whether its act is a reference of the flat table. */
    public boolean flat(int i) {
        return RecordWord.isFlat(words[i]);
    }

    /** Whether a revocation took what it stood for. */
    public boolean empty(int i) {
        return RecordWord.isEmpty(words[i]);
    }

    /** Whether something stands in for what a revocation took: that is its frame. */
    public boolean replaced(int i) {
        return RecordWord.isReplaced(words[i]);
    }

    /** Whether a page of the reserve was promised to it. */
    public boolean reserved(int i) {
        return RecordWord.isReserved(words[i]);
    }

    /**
     * What becomes of it when it is taken back.
     *
     * @param asked a CPU fate
     * @return a CPU fate that its grantee accepted
     */
    public int cpuFate(int i, int asked) {
        return RecordWord.cpuFate(words[i], asked);
    }

    /** Whether its granter was gone for good when it was added. */
    public boolean estranged(int i) {
        return RecordWord.isEstranged(words[i]);
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
