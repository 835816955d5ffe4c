package grantlab.hypervisor.caller;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.RecordOctet;
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
    private final long[] places = new long[CAPACITY];
    private final int[] held = new int[CAPACITY];
    private int size;

    /** Of all that wait, one or the other. */
    private long anyWord;

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
        copy(i, from.page(record));
        return i;
    }

    private void copy(int i, long[] page) {
        int at = Slab.at(records[i]);
        words[i] = Records.word(page, at);
        anyWord |= words[i];
        frames[i] = Records.frame(page, at);
        uses[i] = Records.use(page, at);
        places[i] = Records.place(page, at);
        held[i] = NOTHING_HELD;
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

    /** Whether there must be a flush before eight more records. */
    public boolean hasNoRoomForOctet() {
        return size > CAPACITY - Slab.OCTET;
    }

    /** Whether all that wait are mappings of single pages through trees, reached by the CPU alone, and not taken back. */
    public boolean ordinary() {
        return RecordWord.areOrdinary(anyWord);
    }

    /**
     * Drops one reference on each frame that a place held.
     *
     * @param table of the machine's frames
     * @param first of those that wait
     * @param end behind the last one
     */
    public void dropFrames(FrameTable table, int first, int end) {
        int i = first;
        while (i < end) {
            int from = i;
            while (i < end && held[i] != NOTHING_HELD) {
                i++;
            }
            table.put(frames, from, i);
            i++;
        }
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

    /**
     * Remembers as many as there is room for of records that are claimed together.
     *
     * @param from the grantee's
     * @param sets the grantee's
     * @param set locked
     * @param unit page of the set with which the first begins
     * @param end none reaches beyond this one
     * @return pages of them all
     */
    public int addTogether(Records from, Mapsets sets, int set, int unit, long end) {
        if (!sets.indexed(set)) {
            return 0;
        }
        sets.beginTaking(set);
        int taken = sets.takeOut(set, unit, end, records, size);
        int pages = taken == 0 ? 0 : copy(from, taken);
        sets.endTaking(set);
        return pages;
    }

    /** @return pages of those behind what waits */
    private int copy(Records from, int count) {
        int first = size;
        size += count;
        int pages = 0;
        long[] page = from.page(records[first]);
        for (int i = first; i < size; ) {
            if (i != first && !Slab.share(records[i], records[i - 1])) {
                page = from.page(records[i]);
            }
            if (RecordWord.isTogether(Records.word(page, Slab.at(records[i])))) {
                copyTogether(i, page);
                pages += Slab.OCTET;
                i += Slab.OCTET;
            } else {
                copy(i, page);
                pages += 1 << order(i);
                i++;
            }
        }
        return pages;
    }

    /** Of these the first word alone says that they are together. */
    private void copyTogether(int first, long[] page) {
        int at = Slab.at(records[first]);
        long word = Records.word(page, at);
        long use = Records.use(page, at);
        long place = Records.place(page, at);
        long apart = RecordOctet.apart(page, at);
        for (int n = 0; n < Slab.OCTET; n++) {
            words[first + n] = RecordWord.apart(word);
            uses[first + n] = use + n;
            places[first + n] = place + n * apart;
            held[first + n] = NOTHING_HELD;
        }
        words[first] = word;
        anyWord |= word;
        RecordOctet.copyFrames(page, at, frames, first);
        RecordOctet.leaveSet(page, at);
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

    /**
     * Whether the records from one on are an octet.
     *
     * @param first of them
     * @param end none of them is at this one or behind
     */
    public boolean beginsOctet(int first, int end) {
        return RecordWord.isTogether(words[first]) || (end - first >= Slab.OCTET && Slab.isOctet(records, first));
    }

    /**
     * Whether the mappings from one on are of an octet of acts, in its order.
     *
     * @param first of them, not of a flat table
     */
    public boolean beginsOctetOfActs(int first) {
        if (RecordWord.isTogether(words[first])) {
            return true;
        }
        boolean octet = (act(first) & Slab.OCTET - 1) == 0 && size - first >= Slab.OCTET;
        for (int n = 1; octet && n < Slab.OCTET; n++) {
            octet = uses[first + n] == uses[first] + n && !flat(first + n);
        }
        return octet;
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

    /** Whether what devices write at its place vanishes: in its frame. */
    public boolean sunk(int i) {
        return RecordWord.isSunk(words[i]);
    }

    /** Whether what devices write at its place may vanish when it is taken. */
    public boolean mayBeSunk(int i) {
        return RecordWord.mayBeSunk(words[i]);
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
     * Empties the places of all that wait, unless they hold something else by now.
     *
     * @param space of whose places
     * @param mapped scratch
     */
    public void emptyPlaces(AddressSpace space, AddressSpace.Mapped mapped) {
        if (ordinary()) {
            space.remove(places, frames, 0, size, mapped, held);
            return;
        }
        int i = 0;
        while (i < size) {
            int end = i;
            while (end < size && hasPlace(end) && order(end) == Page.ORDER_4K) {
                end++;
            }
            if (end != i) {
                space.remove(places, frames, i, end, mapped, held);
                i = end;
            } else {
                if (hasPlace(i)) {
                    emptyPlace(space, i, mapped);
                }
                i++;
            }
        }
    }

    private void emptyPlace(AddressSpace space, int i, AddressSpace.Mapped mapped) {
        if (space.remove(places[i], order(i), frames[i], mapped) == Status.OKAY) {
            held[i] = mapped.access;
        }
    }

    private boolean hasPlace(int i) {
        return replaced(i) || ((access(i) & Access.HOST) != 0 && !empty(i) && !estranged(i));
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
        anyWord = 0;
    }
}
