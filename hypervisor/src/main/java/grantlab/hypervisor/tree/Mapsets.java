package grantlab.hypervisor.tree;

import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.quota.Stock;
import java.lang.invoke.VarHandle;

/**
 * What each element of v3_map made, by 64-bit handle: slot 32, generation 32, so that a handle of long ago names nothing
 * (grant-v3.md, section 6). A mapset is eight words:
 *
 * <pre>
 *   1  pages 32 | pages still mapped 32
 *   2  first record 32 | last record 32      of a list; else 1: its index has two levels
 *   3  page of the index 32 | entries 32     where it has one
 *   7  generation 32 | records are being taken out 1 | lock 1 | in use 1
 * </pre>
 *
 * A set that can get at most {@value #LISTED} records is a list of them; another has an index, so that a part of it is found by halving:
 * a page, or a page of pages.
 */
public final class Mapsets {
    /** No mapset. */
    public static final int NONE = -1;

    /** A mapset that is gone. */
    public static final int STALE = -2;

    /** Records of a set that is a list. */
    public static final int LISTED = 16;

    private static final long IN_USE = 1;
    private static final long LOCK = 2;
    private static final long TAKING = 4;
    private static final long ONE_GENERATION = 1L << 32;
    private static final long LOW = 0xffff_ffffL;
    private static final int PAGE_SHIFT = 9;
    private static final int PAGE_MASK = PagePool.WORDS - 1;
    private static final long GONE = -1;
    private static final long TWO_LEVELS = 1;
    private static final long[] NO_PAGE = {};

    private final PagePool pool;
    private final Slab sets;
    private final Records records;

    /**
     * None.
     *
     * @param pool of the grantee
     * @param vcpus of the grantee
     * @param records its mappings
     */
    public Mapsets(PagePool pool, int vcpus, Records records) {
        this.pool = pool;
        this.sets = new Slab(pool, vcpus);
        this.records = records;
        records.areIn(this);
    }

    /** What a vCPU has at hand. */
    Stock stock(int vcpu) {
        return sets.stock(vcpu);
    }

    /** For whoever is no vCPU. */
    Stock noStock() {
        return sets.noStock();
    }

    /**
     * Begins a set that nobody else can find.
     *
     * @param count records that it may get, at most 2^18
     * @param stock of sets
     * @return its slot, locked; or {@link #NONE} when the pool is used up
     */
    public int begin(int count, Stock stock) {
        int slot = stock.take();
        if (slot == Slab.NONE) {
            return NONE;
        }
        int index = PagePool.NONE;
        if (count > LISTED) {
            index = pool.take();
            if (index == PagePool.NONE) {
                stock.give(slot);
                return NONE;
            }
        }
        long[] page = sets.page(slot);
        int at = Slab.at(slot);
        page[at + 1] = 0;
        page[at + 2] = index == PagePool.NONE ? LOW << 32 | LOW : count > PagePool.WORDS ? TWO_LEVELS : 0;
        page[at + 3] = (long) index << 32;
        sets.setRelease(slot, 7, generation(page[at + 7]) | LOCK);
        return slot;
    }

    /** Never zero, so that no handle is. */
    private static long generation(long word) {
        long generation = word & ~LOW;
        return generation == 0 ? ONE_GENERATION : generation;
    }

    /**
     * Adds a mapping behind those that the set has.
     *
     * @param slot locked
     * @param record filled
     * @param pages of it
     * @return false: there is no page for the index, and nothing happened
     */
    public boolean append(int slot, int record, int pages) {
        long[] page = sets.page(slot);
        int at = Slab.at(slot);
        long counts = page[at + 1];
        int unit = (int) (counts >>> 32);
        long index = page[at + 3];
        if ((int) (index >>> 32) != PagePool.NONE) {
            if (!hasPage(slot, index)) {
                return false;
            }
            indexPage(slot, index, (int) index)[(int) index & PAGE_MASK] = ((long) unit << 32) | (record & LOW);
            records.join(record, slot, unit, (int) index);
            page[at + 3] = index + 1;
        } else {
            records.join(record, slot, unit, 0);
            long ends = page[at + 2];
            int last = (int) ends;
            if (last == Records.NONE) {
                page[at + 2] = ((long) record << 32) | (record & LOW);
            } else {
                records.setNextOfSet(last, record);
                page[at + 2] = (ends & ~LOW) | (record & LOW);
            }
        }
        page[at + 1] = counts + ((long) pages << 32 | pages);
        return true;
    }

    /**
     * For how many mappings behind those that the set has {@link #append} needs no page.
     *
     * @param slot locked
     */
    public int room(int slot) {
        int position = (int) sets.get(slot, 3) & PAGE_MASK;
        if (!indexed(slot)) {
            return LISTED;
        }
        return position == 0 && hasTwoLevels(slot) ? 0 : PagePool.WORDS - position;
    }

    /**
     * Whether a set has an index.
     *
     * @param slot locked
     */
    public boolean indexed(int slot) {
        return (int) (sets.get(slot, 3) >>> 32) != PagePool.NONE;
    }

    private boolean hasTwoLevels(int slot) {
        return sets.get(slot, 2) == TWO_LEVELS;
    }

    /** Which page of a set the next mapping begins with; the set is locked. */
    public int nextUnit(int slot) {
        return (int) (sets.get(slot, 1) >>> 32);
    }

    /** Where in the index of a set the next mapping comes, if it has one; the set is locked. */
    public int nextPosition(int slot) {
        return (int) sets.get(slot, 3);
    }

    /**
     * {@link #append} of mappings of one page, for which there is {@link #room}.
     *
     * @param slot locked
     * @param added filled for this set, at {@link #nextUnit} and {@link #nextPosition}
     * @param count of them
     */
    public void append(int slot, int[] added, int count) {
        if (!indexed(slot)) {
            for (int i = 0; i < count; i++) {
                append(slot, added[i], 1);
            }
            return;
        }
        long counts = sets.get(slot, 1);
        int unit = (int) (counts >>> 32);
        long index = sets.get(slot, 3);
        int position = (int) index;
        long[] page = indexPage(slot, index, position);
        for (int i = 0; i < count; i++) {
            page[(position & PAGE_MASK) + i] = (((long) unit + i) << 32) | (added[i] & LOW);
        }
        sets.set(slot, 3, index + count);
        sets.set(slot, 1, counts + ((long) count << 32 | count));
    }

    /** Whether there is a page for the next entry. */
    private boolean hasPage(int slot, long index) {
        int position = (int) index;
        if ((position & PAGE_MASK) != 0 || !hasTwoLevels(slot)) {
            return true;
        }
        int page = pool.take();
        if (page == PagePool.NONE) {
            return false;
        }
        pool.page((int) (index >>> 32))[position >>> PAGE_SHIFT] = page;
        return true;
    }

    /** @param index word 3. @return where the entry of a position is */
    private long[] indexPage(int slot, long index, int position) {
        long[] root = pool.page((int) (index >>> 32));
        return hasTwoLevels(slot) ? pool.page((int) root[position >>> PAGE_SHIFT]) : root;
    }

    private long indexEntry(int slot, int position) {
        return indexPage(slot, sets.get(slot, 3), position)[position & PAGE_MASK];
    }

    /**
     * The set may be found from now on.
     *
     * @param slot locked; unlocked afterwards
     * @return its handle
     */
    public long publish(int slot) {
        long word = sets.get(slot, 7);
        sets.setRelease(slot, 7, (word & ~LOCK) | IN_USE);
        return (word & ~LOW) | slot;
    }

    /**
     * Finds a set and locks it.
     *
     * @param handle any number
     * @return its slot; {@link #NONE}: no set ever had the handle; or {@link #STALE}: one had
     */
    public int lock(long handle) {
        int slot = (int) handle;
        if (slot < 0 || slot >= sets.capacity()) {
            return NONE;
        }
        for (int spin = 0; ; spin++) {
            long word = sets.getAcquire(slot, 7);
            if (word >>> 32 != handle >>> 32 || (word & IN_USE) == 0) {
                boolean before = handle >>> 32 != 0 && Long.compareUnsigned(handle >>> 32, word >>> 32) < 0;
                return before ? STALE : NONE;
            }
            if ((word & LOCK) == 0 && sets.compareAndSet(slot, 7, word, word | LOCK)) {
                return slot;
            }
            Spin.once(spin);
        }
    }

    /**
     * Locks the set of a mapping, whatever its handle is.
     *
     * @param slot from {@link Records#set}
     * @return false: there is no such set (any more), or it is being made
     */
    public boolean lockSlot(int slot) {
        if (slot < 0 || slot >= sets.capacity()) {
            return false;
        }
        for (int spin = 0; ; spin++) {
            long word = sets.getAcquire(slot, 7);
            if ((word & IN_USE) == 0) {
                return false;
            }
            if ((word & LOCK) == 0 && sets.compareAndSet(slot, 7, word, word | LOCK)) {
                return true;
            }
            Spin.once(spin);
        }
    }

    /** Pages of sets and of their indices; at rest. */
    public int pages() {
        int pages = sets.pages();
        for (int slot = 0; slot < sets.capacity(); slot++) {
            if (exists(slot) && indexed(slot)) {
                pages += 1 + (hasTwoLevels(slot) ? ((int) sets.get(slot, 3) + PAGE_MASK) >>> PAGE_SHIFT : 0);
            }
        }
        return pages;
    }

    /** Sets that were begun and did not end; at rest. */
    public int inUse() {
        return sets.inUse();
    }

    /** Sets below this number may exist; for whoever looks at all of them at rest. */
    public int capacity() {
        return sets.capacity();
    }

    /** Whether a set exists; at rest. */
    public boolean exists(int slot) {
        return (sets.get(slot, 7) & IN_USE) != 0;
    }

    /** The handle of a set that exists; at rest. */
    public long handle(int slot) {
        return (sets.get(slot, 7) & ~LOW) | slot;
    }

    /** Pages of a set that are still mapped; at rest. */
    public int mapped(int slot) {
        return (int) sets.get(slot, 1);
    }

    /** Gives all pages back: the grantee died. */
    public void dispose() {
        for (int slot = 0; slot < sets.capacity(); slot++) {
            if ((sets.getAcquire(slot, 7) & IN_USE) != 0) {
                dropIndex(slot);
            }
        }
        sets.dispose();
    }

    /**
     * Lets go of a set; one without mappings ends, and its handle names nothing any more.
     *
     * @param slot locked
     * @param stock of sets
     */
    public void unlock(int slot, Stock stock) {
        long word = sets.get(slot, 7);
        if ((int) sets.get(slot, 1) != 0) {
            sets.setRelease(slot, 7, word & ~LOCK);
            return;
        }
        dropIndex(slot);
        // Of a set that nobody was told of the handle was never given.
        sets.setRelease(slot, 7, (word & ~LOW) + ((word & IN_USE) != 0 ? ONE_GENERATION : 0));
        stock.give(slot);
    }

    private void dropIndex(int slot) {
        if (!indexed(slot)) {
            return;
        }
        int index = (int) (sets.get(slot, 3) >>> 32);
        int entries = hasTwoLevels(slot) ? (int) sets.get(slot, 3) : 0;
        long[] root = pool.page(index);
        for (int page = 0; page << PAGE_SHIFT < entries; page++) {
            pool.give((int) root[page]);
        }
        pool.give(index);
    }

    /**
     * Pages of the set when it was made.
     *
     * @param slot locked
     */
    public int pages(int slot) {
        return (int) (sets.get(slot, 1) >>> 32);
    }

    /**
     * The mapping that has a page of the set.
     *
     * @param slot locked
     * @param unit a page of the set
     * @return a record, or {@link Records#NONE}: the page is not mapped (any more)
     */
    public int find(int slot, int unit) {
        int record = indexed(slot) ? lastInIndex(slot, unit) : lastInList(slot, unit);
        return record != Records.NONE && unit < records.unit(record) + (1 << records.order(record))
                ? record
                : Records.NONE;
    }

    private int lastInList(int slot, int unit) {
        int last = Records.NONE;
        for (int record = (int) (sets.get(slot, 2) >>> 32);
                record != Records.NONE && records.unit(record) <= unit;
                record = records.nextOfSet(record)) {
            last = record;
        }
        return last;
    }

    private int lastInIndex(int slot, int unit) {
        int position = positionOf(slot, unit);
        return position < 0 ? Records.NONE : (int) indexEntry(slot, position);
    }

    /** Of the last entry that begins at a page or before; -1 when there is none at all. */
    private int positionOf(int slot, int unit) {
        int low = 0;
        int high = (int) sets.get(slot, 3) - 1;
        // Where all mappings are of a page.
        if (unit <= high && (int) (indexEntry(slot, unit) >>> 32) == unit) {
            return unit;
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if ((int) (indexEntry(slot, middle) >>> 32) <= unit) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 ? -1 : low;
    }

    /**
     * The mapping behind another one, if it is still there.
     *
     * @param slot locked
     * @param record of the set
     * @return a record that begins where this one ends, or {@link Records#NONE}
     */
    public int next(int slot, int record) {
        int unit = records.unit(record) + (1 << records.order(record));
        int next;
        if (indexed(slot)) {
            int position = records.position(record) + 1;
            next = position < (int) sets.get(slot, 3) ? (int) indexEntry(slot, position) : Records.NONE;
        } else {
            next = records.nextOfSet(record);
        }
        return next != Records.NONE && records.unit(next) == unit ? next : Records.NONE;
    }

    /**
     * From now on records are being taken out of a set, until {@link #endTaking}: some stores and loads.
     *
     * @param slot locked
     */
    public void beginTaking(int slot) {
        sets.setRelease(slot, 7, sets.get(slot, 7) | TAKING);
        VarHandle.fullFence();
    }

    /**
     * Whoever takes them out has read of them what he needs.
     *
     * @param slot locked
     */
    public void endTaking(int slot) {
        sets.setRelease(slot, 7, sets.get(slot, 7) & ~TAKING);
    }

    /**
     * Claims mappings that follow one another without a gap and takes them out of a set that has an index; whatever is in the way
     * ends it, and is found again by {@link #find}. Eight that are together go together: the first of them says so still.
     *
     * @param slot locked, and records are being taken out of it
     * @param unit page of the set with which the first begins
     * @param end none reaches beyond this one
     * @param into is given the records
     * @param from where in it they begin; to its end at most
     * @return how many
     */
    public int takeOut(int slot, int unit, long end, int[] into, int from) {
        long index = sets.get(slot, 3);
        if ((int) index == 0) {
            return 0;
        }
        int position = positionOf(slot, unit);
        int next = unit;
        int to = from;
        long[] own = NO_PAGE;
        while (to < into.length && position < (int) index && next < end) {
            long[] page = indexPage(slot, index, position);
            long entry = page[position & PAGE_MASK];
            int record = (int) entry;
            if ((int) (entry >>> 32) != next || record == GONE) {
                break;
            }
            if (to == from || !Slab.share(record, into[to - 1])) {
                own = records.page(record);
            }
            int at = Slab.at(record);
            if (into.length - to >= Slab.OCTET && end - next >= Slab.OCTET && Records.takeOutTogether(own, at)) {
                leaveIndex(page, position & PAGE_MASK);
                Slab.number(record, into, to);
                position += Slab.OCTET;
                to += Slab.OCTET;
                next += Slab.OCTET;
                continue;
            }
            int order = Records.takeOut(own, at);
            if (order == Records.NONE) {
                break;
            }
            page[position++ & PAGE_MASK] = entry | LOW;
            into[to++] = record;
            next += 1 << order;
        }
        sets.set(slot, 1, sets.get(slot, 1) - (next - unit));
        return to - from;
    }

    /** Eight entries name no record any more. */
    private static void leaveIndex(long[] page, int at) {
        for (int i = 0; i < Slab.OCTET; i++) {
            page[at + i] |= LOW;
        }
    }

    /**
     * Waits while records are being taken out of a set: some stores, for nobody.
     *
     * @param slot of a set, or of one that was
     */
    void awaitTakenOut(int slot) {
        for (int spin = 0; (sets.getAcquire(slot, 7) & TAKING) != 0; spin++) {
            Spin.once(spin);
        }
    }

    /**
     * Takes a mapping out of the set.
     *
     * @param slot locked
     * @param record of the set
     */
    public void remove(int slot, int record) {
        if (indexed(slot)) {
            int position = records.position(record);
            indexPage(slot, sets.get(slot, 3), position)[position & PAGE_MASK] =
                    ((long) records.unit(record) << 32) | (GONE & LOW);
        } else {
            removeFromList(slot, record);
        }
        records.leave(record);
        sets.set(slot, 1, sets.get(slot, 1) - (1 << records.order(record)));
    }

    private void removeFromList(int slot, int record) {
        int previous = Records.NONE;
        int other = (int) (sets.get(slot, 2) >>> 32);
        while (other != record) {
            previous = other;
            other = records.nextOfSet(other);
        }
        int next = records.nextOfSet(record);
        long ends = sets.get(slot, 2);
        if (previous == Records.NONE) {
            ends = (ends & LOW) | ((long) next << 32);
        } else {
            records.setNextOfSet(previous, next);
        }
        if ((int) ends == record) {
            ends = (ends & ~LOW) | (previous & LOW);
        }
        sets.set(slot, 2, ends);
    }
}
