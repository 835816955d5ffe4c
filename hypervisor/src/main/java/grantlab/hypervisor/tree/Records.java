package grantlab.hypervisor.tree;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.quota.Stock;
import org.jspecify.annotations.Nullable;

/**
 * What one grantee has mapped, one record of eight words for each place (grant-v3.md, section 6):
 *
 * <pre>
 *   0  previous 32 | next 32                of {@link TakenPlaces}; while it is free, next of the stock
 *   1  what it is and which ({@link RecordWord})
 *   2  place
 *   3  machine frame
 *   4  lost 1 | faults 15 | granter 16 | act 32: of the leaf ({@link LeafActs}), or the reference of a flat table
 *   5  next 32 | previous 32                of the same act, in one of its two lists; under the lock of its bucket
 *   6  unit 32: which page of its mapset | next 32 of the same mapset
 *   7  its mapset 32 | position 32 in the index of it
 * </pre>
 *
 * A record belongs to the call that makes it until it is linked, then to its mapset and act, and again to one call once that
 * has {@link #claim claimed} it. Eight of a run may be together ({@link RecordOctet}); whoever has one by its number reads it here either
 * way.
 *
 * <p>The one mapping of an element that can make no more is a mapset by itself: <em>alone</em>. Its handle names the record, and
 * the record's generation, which goes on when the mapping ends.
 */
public final class Records {
    /** No record. */
    public static final int NONE = -1;

    /** {@link #claimAlone}: there was one. */
    public static final int STALE = -2;

    /** {@link #claimAlone}: it has another size. */
    public static final int CUT = -3;

    /** {@link #claimAlone}: it is just being taken back. */
    public static final int CLAIMED_ALREADY = -4;

    /** {@link #set}: of a record alone. */
    public static final int ALONE_SET = -2;

    private static final long LOW = 0xffff_ffffL;
    private static final long USE = 0xffff_ffff_ffffL;
    private static final int FAULTS_SHIFT = 48;
    private static final long LOST = 1L << 63;

    /** In a handle: its slot is a record's number. */
    private static final long OF_RECORD = 1L << 31;

    private final Slab slab;
    private @Nullable Mapsets sets;

    /**
     * None.
     *
     * @param pool of the grantee
     * @param vcpus of the grantee
     */
    public Records(PagePool pool, int vcpus) {
        this.slab = new Slab(pool, vcpus);
    }

    /** What a vCPU has at hand. */
    Stock stock(int vcpu) {
        return slab.stock(vcpu);
    }

    /** For whoever is no vCPU. */
    Stock noStock() {
        return slab.noStock();
    }

    /**
     * Fills a record. Of a mapset it is as soon as it has joined; alone, nobody can find it before {@link #publish}. Until it is
     * linked it is the only one of its act.
     *
     * @param record taken from a stock
     * @param alone whether it is to be a mapset by itself
     * @param access as it is mapped, with HOST and DEVICE
     * @param fates what its grantee accepts, 8 bits
     * @param order as it is mapped
     * @param place where it stands
     * @param frame first machine frame
     * @param granter a domid
     * @param act of the leaf
     * @param flat whether the act is a reference of the flat table
     */
    public void fill(
            int record,
            boolean alone,
            int access,
            int fates,
            int order,
            long place,
            long frame,
            int granter,
            int act,
            boolean flat) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        page[at + 2] = place;
        page[at + 3] = frame;
        page[at + 4] = ((long) granter << 32) | (act & LOW);
        page[at + 5] = -1;
        page[at + 7] = (long) (alone ? ALONE_SET : NONE) << 32;
        int state = alone ? RecordWord.MADE : RecordWord.LIVE;
        Slab.setRelease(page, at + 1, RecordWord.fresh(page[at + 1], state, access, fates, order, flat, alone));
    }

    /**
     * Fills records of pages beside one another, of a mapset, each the only one of its act.
     *
     * @param fresh taken from a stock
     * @param count of them
     * @param access as they are mapped, with HOST
     * @param fates what their grantee accepts, 8 bits
     * @param places where they stand
     * @param frames machine frames
     * @param granter a domid
     * @param acts of their leaves
     * @param set locked
     * @param unit which page of the set the first one is
     * @param position of the first one in the index of the set
     */
    public void fill(
            int[] fresh,
            int count,
            int access,
            int fates,
            long[] places,
            long[] frames,
            int granter,
            int[] acts,
            int set,
            int unit,
            int position) {
        long[] page = slab.page(fresh[0]);
        for (int i = 0; i < count; i++) {
            if (i != 0 && !Slab.share(fresh[i], fresh[i - 1])) {
                page = slab.page(fresh[i]);
            }
            int at = Slab.at(fresh[i]);
            page[at + 2] = places[i];
            page[at + 3] = frames[i];
            page[at + 4] = ((long) granter << 32) | (acts[i] & LOW);
            page[at + 5] = -1;
            page[at + 6] = (((long) unit + i) << 32) | (NONE & LOW);
            page[at + 7] = (long) set << 32 | (position + i);
            long word = RecordWord.fresh(page[at + 1], RecordWord.LIVE, access, fates, Page.ORDER_4K, false, false);
            Slab.setRelease(page, at + 1, word);
        }
    }

    /**
     * {@link #fill} of eight pages, whose records are together.
     *
     * @param first of eight taken from a stock
     * @param access as they are mapped, with HOST
     * @param fates what their grantee accepts, 8 bits
     * @param places where they stand; of these {@link RecordOctet#fits} holds
     * @param frames machine frames
     * @param granter a domid
     * @param act of the first leaf, of eight beside one another
     * @param set locked; it has an index
     * @param unit which page of the set the first one is
     * @param position of the first one in the index of the set
     */
    public void fillTogether(
            int first,
            int access,
            int fates,
            long[] places,
            long[] frames,
            int granter,
            int act,
            int set,
            int unit,
            int position) {
        long[] page = slab.page(first);
        int at = Slab.at(first);
        page[at + 4] = ((long) granter << 32) | (act & LOW);
        page[at + 5] = -1;
        page[at + 6] = ((long) unit << 32) | (NONE & LOW);
        page[at + 7] = (long) set << 32 | position;
        long word = RecordWord.fresh(page[at + 1], RecordWord.LIVE, access, fates, Page.ORDER_4K, false, false);
        RecordOctet.fill(page, at, word, places, frames);
    }

    // Handles of those alone

    /**
     * A record alone may be found from now on.
     *
     * @param record filled
     * @return its handle
     */
    public long publish(int record) {
        long[] page = slab.page(record);
        int at = Slab.at(record) + 1;
        long word = RecordWord.withGeneration(RecordWord.inState(page[at], RecordWord.LIVE));
        Slab.setRelease(page, at, word);
        return handle(word, record);
    }

    private static long handle(long word, int record) {
        return RecordWord.generation(word) | OF_RECORD | record;
    }

    /**
     * The handle of a record alone, for whoever looks at all of them.
     *
     * @param record any
     * @return what names its mapping; zero when there is none, or not alone, or nobody was told of it yet
     */
    public long handle(int record) {
        long word = slab.getAcquire(record, 1);
        int state = RecordWord.state(word);
        boolean told = state != 0 && state != RecordWord.MADE && RecordWord.isAlone(word);
        return told ? handle(word, record) : 0;
    }

    /**
     * Whether a handle is of a record alone.
     *
     * @param handle any number
     * @return false: of a mapset, if of anything
     */
    public static boolean isAlone(long handle) {
        return (handle & OF_RECORD) != 0;
    }

    /**
     * Claims a record alone, or acknowledges one that was taken: its handle is stale then.
     *
     * @param handle any number of which {@link #isAlone} holds
     * @param pages that its mapping must have
     * @return its number; {@link #NONE}: none ever had the handle; {@link #STALE}: one had; {@link #CUT} or
     *     {@link #CLAIMED_ALREADY}
     */
    public int claimAlone(long handle, long pages) {
        int record = (int) (handle & OF_RECORD - 1);
        if (record >= capacity()) {
            return NONE;
        }
        long[] page = slab.page(record);
        int at = Slab.at(record) + 1;
        long generation = handle & ~LOW;
        long word = Slab.getAcquire(page, at);
        while (RecordWord.generation(word) == generation && RecordWord.isAlone(word)) {
            if (1L << RecordWord.order(word) != pages) {
                return CUT;
            }
            switch (RecordWord.state(word)) {
                case RecordWord.LIVE, RecordWord.TAKEN -> {
                    long claimed = RecordWord.inState(word, RecordWord.CLAIMED);
                    if (Slab.compareAndSet(page, at, word, RecordWord.nextGeneration(claimed))) {
                        return record;
                    }
                }
                case RecordWord.CLAIMED, RecordWord.DRAINING -> {
                    return CLAIMED_ALREADY;
                }
                default -> {
                    return NONE;
                }
            }
            word = Slab.getAcquire(page, at);
        }
        boolean before = generation != 0 && Long.compareUnsigned(generation, RecordWord.generation(word)) < 0;
        return before ? STALE : NONE;
    }

    // Who ends a mapping

    /** From now on records may be in sets of these. */
    void areIn(Mapsets all) {
        sets = all;
    }

    /**
     * Whoever claims a record undoes its mapping; one wins. Of a leaf: its bucket is locked, so that the record stays its.
     *
     * @param record of a mapping
     * @return false: somebody else does
     */
    public boolean claim(int record) {
        return claim(record, RecordWord.LIVE);
    }

    /**
     * Whoever acknowledges a record that was taken ends it; one wins.
     *
     * @param record of an act or a mapset
     * @return whether it is the caller
     */
    public boolean acknowledge(int record) {
        return claim(record, RecordWord.TAKEN);
    }

    /**
     * A revocation emptied a place and goes on when devices have forgotten it.
     *
     * @param record claimed
     * @param held what the place held: READ or READ | WRITE; or 0
     */
    public void draining(int record, int held) {
        long seen = slab.getAcquire(record, 1);
        while (!slab.compareAndSet(record, 1, seen, RecordWord.draining(seen, held))) {
            seen = slab.getAcquire(record, 1);
        }
    }

    /** Whether a revocation waits for devices. */
    public boolean draining(int record) {
        return RecordWord.state(slab.getAcquire(record, 1)) == RecordWord.DRAINING;
    }

    /**
     * The revocation goes on.
     *
     * @param record of an act
     * @return whether it is the caller who does; the record is claimed
     */
    public boolean resume(int record) {
        return claim(record, RecordWord.DRAINING);
    }

    /**
     * {@link #claim} or {@link #acknowledge}, and out of its mapset. An ordinary record is stored to, not exchanged: the set says that
     * records are being taken out of it, and whoever claims one looks at that afterwards and gives way ({@link #gotAway}).
     *
     * @param page of a record of a mapset that is locked, and says so
     * @param at where it begins
     * @return its order; {@link #NONE}: somebody else undoes its mapping, or it is one of eight that are together
     */
    static int takeOut(long[] page, int at) {
        long seen = Slab.getAcquire(page, at + 1);
        int state = RecordWord.state(seen);
        if (RecordWord.isTogether(seen)) {
            return NONE;
        }
        if (state == RecordWord.LIVE && RecordWord.areOrdinary(seen)) {
            Slab.setRelease(page, at + 1, RecordWord.inState(seen, RecordWord.OUT));
        } else if ((state != RecordWord.LIVE && state != RecordWord.TAKEN)
                || !Slab.compareAndSet(page, at + 1, seen, RecordWord.inState(seen, RecordWord.CLAIMED))) {
            return NONE;
        }
        Slab.setRelease(page, at + 7, (long) NONE << 32);
        return RecordWord.order(seen);
    }

    /**
     * {@link #takeOut} of eight that are together.
     *
     * @param page as there
     * @param at where the first begins
     * @return false: they are not, or somebody parts them
     */
    static boolean takeOutTogether(long[] page, int at) {
        long seen = Slab.getAcquire(page, at + 1);
        if (!RecordWord.isTogether(seen) || RecordWord.state(seen) != RecordWord.LIVE) {
            return false;
        }
        Slab.setRelease(page, at + 1, RecordWord.inState(seen, RecordWord.OUT));
        return true;
    }

    /**
     * Eight records that are together are each by itself from now on. Of those that v3_unmap takes out at this moment: when it has read
     * what it needs.
     *
     * @param record any; its set is locked, or its bucket
     */
    void part(int record) {
        part(slab.page(record), Slab.at(record));
    }

    private void part(long[] page, int at) {
        int first = RecordOctet.first(at);
        long seen = RecordOctet.word(page, at);
        for (int spin = 0; RecordWord.isTogether(seen); spin++) {
            int state = RecordWord.state(seen);
            if (state == RecordWord.OUT) {
                awaitTakenOut(page, first);
            }
            if (state == RecordWord.CLAIMED) {
                Spin.once(spin);
            } else if (Slab.compareAndSet(page, first + 1, seen, RecordWord.inState(seen, RecordWord.CLAIMED))
                    && (state == RecordWord.OUT || !gotAway(page, first))) {
                RecordOctet.part(page, first, state);
            }
            seen = RecordOctet.word(page, at);
        }
    }

    private boolean claim(int record, int state) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        // Whoever parts them claims none: he is waited for.
        if (state == RecordWord.LIVE && RecordWord.state(RecordOctet.word(page, at)) != RecordWord.OUT) {
            part(page, at);
        }
        long seen = Slab.getAcquire(page, at + 1);
        return RecordWord.state(seen) == state
                && Slab.compareAndSet(page, at + 1, seen, RecordWord.inState(seen, RecordWord.CLAIMED))
                && !gotAway(page, at);
    }

    /**
     * Whether v3_unmap took a record out of its set at the moment at which it was claimed. It says so at the set first and looks at the
     * record then; here it is the other way round: one of the two sees the other.
     */
    private boolean gotAway(long[] page, int at) {
        awaitTakenOut(page, at);
        return RecordWord.state(Slab.getAcquire(page, at + 1)) == RecordWord.OUT;
    }

    private void awaitTakenOut(long[] page, int at) {
        int set = (int) (Slab.getAcquire(page, at + 7) >>> 32);
        if (set >= 0 && sets != null) {
            sets.awaitTakenOut(set);
        }
    }

    /**
     * A revocation took what a record stood for: its place and its references are the grantee's no more. The record stays until the
     * grantee acknowledges it, in the other list of its act, whose bucket is locked.
     *
     * @param record claimed
     * @param page of its act
     * @param at where the act begins
     */
    public void taken(int record, long[] page, int at) {
        unlink(record, page, at);
        int head = LeafActs.firstTaken(page, at);
        slab.set(record, 5, ((long) head << 32) | (NONE & LOW));
        if (head != NONE) {
            slab.set(head, 5, (slab.get(head, 5) & ~LOW) | (record & LOW));
        }
        LeafActs.setFirstTaken(page, at, record);
        slab.setRelease(record, 1, RecordWord.taken(slab.getAcquire(record, 1)));
    }

    /**
     * The same of a reference of a flat table, which has one list: the record stays in it.
     *
     * @param record claimed
     */
    public void taken(int record) {
        long seen = slab.getAcquire(record, 1);
        while (!slab.compareAndSet(record, 1, seen, RecordWord.taken(seen))) {
            seen = slab.getAcquire(record, 1);
        }
    }

    /**
     * Something stands in at the place of a mapping that is being taken; the record names that frame from now on.
     *
     * @param record claimed
     * @param frame machine frame that stands there
     */
    public void replaced(int record, long frame) {
        slab.set(record, 3, frame);
        long seen = slab.getAcquire(record, 1);
        while (!slab.compareAndSet(record, 1, seen, RecordWord.replaced(seen))) {
            seen = slab.getAcquire(record, 1);
        }
    }

    /**
     * What devices write at the place of a mapping that is being taken vanishes; the record names the frame that swallows it from now on.
     *
     * @param record claimed
     * @param scratch machine frame, held for it
     */
    public void sunk(int record, long scratch) {
        slab.set(record, 3, scratch);
        long seen = slab.getAcquire(record, 1);
        while (!slab.compareAndSet(record, 1, seen, RecordWord.sunk(seen))) {
            seen = slab.getAcquire(record, 1);
        }
    }

    /** Whether something stands in for what a revocation took. */
    public boolean replaced(int record) {
        return RecordWord.isReplaced(slab.getAcquire(record, 1));
    }

    /** Whether a page of the reserve was promised to it. */
    public boolean reserved(int record) {
        return RecordWord.isReserved(slab.getAcquire(record, 1));
    }

    /**
     * A mapping reads from now on and writes no more. It stays claimed.
     *
     * @param record claimed
     */
    public void readsOnly(int record) {
        slab.setRelease(record, 1, RecordWord.readsOnly(slab.getAcquire(record, 1)));
    }

    /**
     * Whoever claimed a record leaves its mapping as it is.
     *
     * @param record claimed, and of a mapping that lives
     */
    public void unclaim(int record) {
        slab.setRelease(record, 1, RecordWord.inState(slab.getAcquire(record, 1), RecordWord.LIVE));
    }

    /** Whether a revocation took what the record stood for: it holds nothing. */
    public boolean empty(int record) {
        return RecordWord.isEmpty(slab.getAcquire(record, 1));
    }

    /**
     * A record ends: it goes back to a stock.
     *
     * @param record that is linked nowhere
     */
    public void end(int record) {
        end(slab.page(record), Slab.at(record));
    }

    /** {@link #end} in a page. */
    public static void end(long[] page, int at) {
        page[at + 1] = RecordWord.ended(page[at + 1]);
    }

    /**
     * {@link #end} of eight that lie beside one another, together or not.
     *
     * @param first a multiple of eight
     */
    public void endOctet(int first) {
        long[] page = slab.page(first);
        int at = Slab.at(first);
        if (RecordOctet.has(page, at)) {
            RecordOctet.end(page, at);
            return;
        }
        endFour(page, at);
        endFour(page, at + 4 * Slab.APART);
    }

    private static void endFour(long[] page, int at) {
        end(page, at);
        end(page, at + Slab.APART);
        end(page, at + 2 * Slab.APART);
        end(page, at + 3 * Slab.APART);
    }

    /** Whether a number is that of a mapping; at rest. */
    public boolean exists(int record) {
        return RecordWord.state(word(record)) != 0;
    }

    /** Gives all pages back: the grantee died, and without mappings. */
    public void dispose() {
        slab.dispose();
    }

    /**
     * Records below this number may exist; for whoever looks at all of them.
     *
     * @return a bound
     */
    public int capacity() {
        return slab.capacity();
    }

    /** Pages of records; at rest. */
    public int pages() {
        return slab.pages();
    }

    /** Records that were taken and not given back, of a mapping or not; at rest. */
    public int inUse() {
        return slab.inUse();
    }

    // Several words of one record

    /**
     * The page of a record.
     *
     * @param record of which there is one
     * @return always the same; its words begin at {@link Slab#at}
     */
    public long[] page(int record) {
        return slab.page(record);
    }

    /** {@link #word} in a page. */
    public static long word(long[] page, int at) {
        return page[at + 1];
    }

    /** {@link #place} in a page. */
    public static long place(long[] page, int at) {
        return page[at + 2];
    }

    /** {@link #frame} in a page. */
    public static long frame(long[] page, int at) {
        return page[at + 3];
    }

    /** {@link #use} in a page. */
    public static long use(long[] page, int at) {
        return page[at + 4] & USE;
    }

    /** Of {@link #use}: whose memory it is. */
    public static int granterOf(long use) {
        return (int) (use >>> 32);
    }

    /** Word 1, a {@link RecordWord}. */
    public long word(int record) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        long ofAll = RecordOctet.word(page, at);
        // What was together and is not has its own word already.
        return RecordWord.isTogether(ofAll) ? RecordWord.apart(ofAll) : Slab.getAcquire(page, at + 1);
    }

    /** Granter 32 | act 32. */
    public long use(int record) {
        return read(record, 4, RecordOctet::use) & USE;
    }

    /** A word of one of eight that are together. */
    @FunctionalInterface
    private interface OfOctet {
        long read(long[] page, int at);
    }

    /** Whoever looks without a lock sees what was there at one moment. */
    private long read(int record, int word, OfOctet ofOctet) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        for (int spin = 0; ; spin++) {
            long seen = RecordOctet.word(page, at);
            if (!RecordWord.isTogether(seen)) {
                return page[at + word];
            }
            long value = ofOctet.read(page, at);
            if (RecordOctet.isSteady(page, at, seen)) {
                return value;
            }
            Spin.once(spin);
        }
    }

    /** As it is mapped: READ or READ | WRITE, with HOST, DEVICE or both. */
    public int access(int record) {
        return RecordWord.access(word(record));
    }

    /** As it is mapped: 0, 9 or 18. */
    public int order(int record) {
        return RecordWord.order(word(record));
    }

    /** Whether the CPU reaches its frame, and its grantee agreed to no fate in which that ends. */
    public boolean insistsOnItself(int record) {
        long word = word(record);
        return (RecordWord.access(word) & Access.HOST) != 0 && !RecordWord.acceptsFate(word);
    }

    /** Whether it writes, and its grantee did not agree that it may become read-only. */
    public boolean insistsOnWriting(int record) {
        long word = word(record);
        return RecordWord.insistsOnWriting(RecordWord.access(word), RecordWord.fates(word));
    }

    /** Whether its act is a reference of the flat table. */
    public boolean flat(int record) {
        return RecordWord.isFlat(word(record));
    }

    /** Whether its granter is gone for good, so that it stands for nothing. */
    public boolean estranged(int record) {
        return RecordWord.isEstranged(word(record));
    }

    /**
     * A granter is gone for good. What is left of the mappings of its flat table stands nowhere and holds nothing, and is not taken for
     * one of a later domain with the same number. (A tree lasts as long as its leaves are in use.)
     *
     * @param granter its domid
     */
    public void estrange(int granter) {
        for (int record = 0; record < capacity(); record++) {
            long seen = slab.getAcquire(record, 1);
            while (RecordWord.state(seen) != 0
                    && RecordWord.isFlat(seen)
                    && !RecordWord.isEstranged(seen)
                    && granter(record) == granter
                    && !slab.compareAndSet(record, 1, seen, RecordWord.estranged(seen))) {
                seen = slab.getAcquire(record, 1);
            }
        }
    }

    /** Where it stands. */
    public long place(int record) {
        return read(record, 2, RecordOctet::place);
    }

    /** Its first machine frame, or what stands in for it. */
    public long frame(int record) {
        return read(record, 3, RecordOctet::frame);
    }

    /** Whose memory it is. */
    public int granter(int record) {
        return granterOf(use(record));
    }

    // Of those that were taken: under the lock of TakenPlaces

    int nextTaken(int record) {
        return (int) slab.get(record, 0);
    }

    void setNextTaken(int record, int next) {
        slab.set(record, 0, (slab.get(record, 0) & ~LOW) | (next & LOW));
    }

    int previousTaken(int record) {
        return (int) (slab.get(record, 0) >>> Integer.SIZE);
    }

    void setPreviousTaken(int record, int previous) {
        slab.set(record, 0, (slab.get(record, 0) & LOW) | (long) previous << Integer.SIZE);
    }

    /** Whether it is among those that were taken. */
    boolean lost(int record) {
        return slab.get(record, 4) < 0;
    }

    void setLost(int record, boolean lost) {
        long word = slab.get(record, 4);
        slab.set(record, 4, lost ? word | LOST : word & ~LOST);
    }

    /** How often a CPU of the grantee missed what was taken, up to a bound. */
    int faults(int record) {
        return (int) ((slab.get(record, 4) & ~LOST) >>> FAULTS_SHIFT);
    }

    void setFaults(int record, int faults) {
        slab.set(record, 4, (slab.get(record, 4) & (USE | LOST)) | (long) faults << FAULTS_SHIFT);
    }

    /** Its act, or its reference of a flat table. */
    public int act(int record) {
        return (int) use(record);
    }

    /** Which page of its mapset it begins with. */
    public int unit(int record) {
        return (int) (read(record, 6, RecordOctet::unit) >>> 32);
    }

    int nextOfSet(int record) {
        return (int) slab.get(record, 6);
    }

    /** Joins a mapset; that is locked. */
    void join(int record, int set, int unit, int position) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        page[at + 6] = ((long) unit << 32) | (NONE & LOW);
        page[at + 7] = (long) set << 32 | position;
    }

    /** Leaves its mapset; that is locked. */
    void leave(int record) {
        slab.set(record, 7, (long) NONE << 32);
    }

    /** Its mapset, {@link #ALONE_SET}, or {@link #NONE}; certain while that is locked. */
    public int set(int record) {
        return (int) (read(record, 7, RecordOctet::set) >>> 32);
    }

    void setNextOfSet(int record, int next) {
        slab.set(record, 6, (slab.get(record, 6) & ~LOW) | (next & LOW));
    }

    int position(int record) {
        return (int) read(record, 7, RecordOctet::set);
    }

    /** The next mapping of the same act, or {@link #NONE}; the act's bucket is locked. */
    public int nextOfAct(int record) {
        long[] page = slab.page(record);
        int at = Slab.at(record);
        return RecordOctet.has(page, at) ? NONE : (int) (page[at + 5] >>> 32);
    }

    /** Puts a record at the head of its act's list; the bucket is locked. */
    public void link(LeafActs acts, int act, int record) {
        int head = acts.firstRecord(act);
        if (head != NONE) {
            part(head);
            slab.set(record, 5, ((long) head << 32) | (NONE & LOW));
            slab.set(head, 5, (slab.get(head, 5) & ~LOW) | (record & LOW));
        }
        acts.setFirstRecord(act, record);
    }

    /**
     * Puts a record at the head of the list of a flat table's reference.
     *
     * @param acts of the granter
     * @param act locked
     * @param word its word 0
     * @param record of a mapping
     */
    public void link(Acts acts, int act, long word, int record) {
        int head = acts.firstRecord(act, word);
        slab.set(record, 5, ((long) head << 32) | (NONE & LOW));
        if (head != NONE) {
            slab.set(head, 5, (slab.get(head, 5) & ~LOW) | (record & LOW));
        }
        acts.setFirstRecord(act, record);
    }

    /**
     * Takes a record out of the list of a flat table's reference.
     *
     * @param record of the list
     * @param acts of the granter
     * @param act locked
     */
    public void unlink(int record, Acts acts, int act) {
        if (!leaveNeighbours(record)) {
            acts.setFirstRecord(act, nextOfAct(record));
        }
    }

    /** @return false: it is the first of its list, which has to be told */
    private boolean leaveNeighbours(int record) {
        long around = slab.get(record, 5);
        int next = (int) (around >>> 32);
        int previous = (int) around;
        if (next != NONE) {
            slab.set(next, 5, (slab.get(next, 5) & ~LOW) | (previous & LOW));
        }
        if (previous != NONE) {
            slab.set(previous, 5, (slab.get(previous, 5) & LOW) | ((long) next << 32));
        }
        return previous != NONE;
    }

    /**
     * Takes a record out of its act's list, whichever it is in; the bucket is locked.
     *
     * @param record of the list
     * @param page of the act
     * @param at where the act begins
     */
    public void unlink(int record, long[] page, int at) {
        part(record);
        if (leaveNeighbours(record)) {
            return;
        }
        int next = nextOfAct(record);
        if (empty(record)) {
            LeafActs.setFirstTaken(page, at, next);
        } else {
            LeafActs.setFirstRecord(page, at, next);
        }
    }
}
