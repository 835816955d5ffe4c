package grantlab.p2m.map;

import grantlab.api.Behaviour;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import org.jspecify.annotations.Nullable;

/**
 * The map of a domain whose frame numbers are its own (HVM and PVH): Xen's P2M. What an entry is made of and how large
 * ones are shattered is {@link SuperpageTable}'s matter; here are the rules of who may replace what.
 *
 * <p>Reading, {@link #set} and {@link #clear} take no lock except for large entries. The calls that change the M2P too
 * exclude each other.
 */
public final class TranslatedMap implements PhysicalMap {
    /** The guest's physical addresses have so many bits, as on the machine of the recordings. */
    public static final int ADDRESS_BITS = 48;

    /** {@link #set} and {@link #adopt}: the gfn is beyond {@link #limit}. */
    public static final int BEYOND_LIMIT = Status.ADDRESS_TOO_BIG;

    private static final long LIMIT = 1L << (ADDRESS_BITS - Page.SHIFT);

    private final int domid;
    private final FrameTable frames;
    private final boolean ownGrantMappingMayBeGrantedOn;
    private final SuperpageTable table = new SuperpageTable(LIMIT);

    /** Held by changes that keep map and M2P in step. */
    private final Object physmap = new Object();

    /**
     * An empty map.
     *
     * @param domid whose
     * @param frames the books
     * @param behaviour the rules in which releases of Xen differ
     */
    public TranslatedMap(int domid, FrameTable frames, Behaviour behaviour) {
        this.domid = domid;
        this.frames = frames;
        this.ownGrantMappingMayBeGrantedOn = behaviour.ownGrantMappingMayBeGrantedOn();
    }

    // Looking

    @Override
    public long frameToGrant(long gfn) {
        long entry = table.entry(gfn);
        if (entry == INVALID || !mayBeGranted(typeOf(entry))) {
            return Status.BAD_PAGE;
        }
        long mfn = frameOf(entry);
        return frames.owner(mfn) == domid ? mfn : Status.BAD_PAGE;
    }

    @Override
    public long getFrameToGrant(long gfn) {
        long entry = table.entry(gfn);
        if (entry == INVALID || !mayBeGranted(typeOf(entry))) {
            return Status.BAD_PAGE;
        }
        long mfn = frameOf(entry);
        return frames.get(mfn, Page.ORDER_4K, domid) ? mfn : Status.BAD_PAGE;
    }

    /** By type; the frame must be the domain's own besides, which is what decides for grants. */
    private boolean mayBeGranted(int type) {
        return switch (type) {
            case RAM_RW, RAM_RO, TABLE_FRAME -> true;
            case GRANT_RW, GRANT_RO, V3_GRANT_RW, V3_GRANT_RO -> ownGrantMappingMayBeGrantedOn;
            default -> false;
        };
    }

    @Override
    public long machineFrame(long gfn) {
        long entry = table.entry(gfn);
        return entry == INVALID ? INVALID : frameOf(entry);
    }

    @Override
    public long entry(long gfn) {
        return table.entry(gfn);
    }

    @Override
    public boolean isVacant(long gfn, int order) {
        return table.isVacant(gfn, order);
    }

    @Override
    public Changes memoryChanges() {
        return table.memoryChanges();
    }

    @Override
    public long limit() {
        return LIMIT;
    }

    @Override
    public void watch(MapWatcher watcher) {
        table.watch(watcher);
    }

    @Override
    public @Nullable MapWatcher watcher() {
        return table.watcher();
    }

    @Override
    public long next(long from) {
        return table.next(from);
    }

    @Override
    public long findNext(long mfn, long from) {
        return table.find(mfn, from);
    }

    @Override
    public long findNext(long mfn, int order, long from) {
        return table.find(mfn, order, from);
    }

    private static long frameOf(long entry) {
        return PhysicalMap.frameOf(entry);
    }

    private static int typeOf(long entry) {
        return PhysicalMap.typeOf(entry);
    }

    // Changing entries

    @Override
    public long set(long gfn, long mfn, int order, int type) {
        if (!table.covers(gfn)) {
            return BEYOND_LIMIT;
        }
        requireAligned("gfn", gfn, order);
        requireAligned("mfn", mfn, order);
        if (type <= NONE || type > V3_GRANT_RO) {
            throw new IllegalArgumentException("type " + type + " is none of RAM_RW..V3_GRANT_RO");
        }
        long entry = PhysicalMap.entry(mfn, order, type);
        return order == Page.ORDER_4K ? table.exchange(gfn, entry) : table.exchangeLarge(gfn, order, entry);
    }

    @Override
    public int setVacant(long gfn, long[] mfns, int from, int end, int type) {
        int next = from;
        while (next < end
                && table.covers(gfn + next)
                && table.enter(gfn + next, PhysicalMap.entry(mfns[next], Page.ORDER_4K, type))) {
            next++;
        }
        return next - from;
    }

    @Override
    public long clear(long gfn, int order) {
        if (!table.covers(gfn)) {
            return INVALID;
        }
        requireAligned("gfn", gfn, order);
        return order == Page.ORDER_4K ? table.exchange(gfn, INVALID) : table.exchangeLarge(gfn, order, INVALID);
    }

    @Override
    public int clearSame(long gfn, long[] mfns, int from, int end, int type) {
        int next = from;
        while (next < end
                && table.covers(gfn + next)
                && table.leave(gfn + next, PhysicalMap.entry(mfns[next], Page.ORDER_4K, type))) {
            next++;
        }
        return next - from;
    }

    private static void requireAligned(String what, long number, int order) {
        if (order != Page.ORDER_4K && order != Page.ORDER_2M && order != Page.ORDER_1G) {
            throw new IllegalArgumentException("order " + order + " is none of 0, 9, 18");
        }
        if ((number & ((1L << order) - 1)) != 0 || Long.compareUnsigned(number, Page.FRAME_LIMIT) >= 0) {
            throw new IllegalArgumentException(
                    what + " 0x" + Long.toHexString(number) + " is no frame aligned to order " + order);
        }
    }

    // Memory comes and goes

    /**
     * {@inheritDoc}
     *
     * @return INVALID, {@link #BEYOND_LIMIT} or {@link #CRASHES}
     */
    @Override
    public long adopt(long gfn, long mfn) {
        return addPage(gfn, mfn);
    }

    @Override
    public long populate(long gfn, long mfn) {
        long status = addPage(gfn, mfn);
        if (status == INVALID) {
            return gfn;
        }
        return status == BEYOND_LIMIT ? -Errno.EINVAL : CRASHES;
    }

    /** Xen's p2m_add_page: INVALID for done. */
    private long addPage(long gfn, long mfn) {
        if (!table.covers(gfn)) {
            return BEYOND_LIMIT;
        }
        synchronized (physmap) {
            long old = table.entry(gfn);
            while (isReplaceable(old) && !table.replace(gfn, old, PhysicalMap.entry(mfn, Page.ORDER_4K, RAM_RW))) {
                old = table.entry(gfn);
            }
            if (!isReplaceable(old)) {
                return CRASHES;
            }
            if (old != INVALID) {
                frames.setMachineToPhysical(frameOf(old), FrameTable.NONE);
            }
            removeAlias(gfn, mfn);
            frames.setMachineToPhysical(mfn, gfn);
            return INVALID;
        }
    }

    private static boolean isReplaceable(long entry) {
        return entry == INVALID || isOwnMemory(typeOf(entry));
    }

    private static boolean isOwnMemory(int type) {
        return type == RAM_RW || type == RAM_RO || type == TABLE_FRAME;
    }

    /** A page is in one place at a time: it leaves where the M2P says that it was. */
    private void removeAlias(long gfn, long mfn) {
        long alias = frames.machineToPhysical(mfn);
        if (alias == FrameTable.NONE || alias == gfn) {
            return;
        }
        long entry = table.entry(alias);
        if (entry != INVALID && frameOf(entry) == mfn && isOwnMemory(typeOf(entry))) {
            table.replace(alias, entry, INVALID);
        }
    }

    @Override
    public int decrease(long gfn, Removed removed) {
        removed.mfn = INVALID;
        synchronized (physmap) {
            while (true) {
                long entry = table.entry(gfn);
                if (entry == INVALID) {
                    return -Errno.ENOENT;
                }
                long mfn = frameOf(entry);
                if (typeOf(entry) == FOREIGN
                        || PhysicalMap.isV3Grant(typeOf(entry))
                        || !frames.get(mfn, Page.ORDER_4K, domid)) {
                    return -Errno.ENXIO;
                }
                if (table.replace(gfn, entry, INVALID)) {
                    frames.setMachineToPhysical(mfn, FrameTable.NONE);
                    removed.mfn = mfn;
                    return 0;
                }
                frames.put(mfn, Page.ORDER_4K);
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>A grant's place is left alone, unless it is that of a page of the domain's own that moved there. The place of another
     * domain's frame is emptied, and its reference dropped.
     */
    @Override
    public int remove(long gfn) {
        synchronized (physmap) {
            while (true) {
                long entry = table.entry(gfn);
                if (entry == INVALID || !mayBeRemoved(entry)) {
                    return -Errno.ENOENT;
                }
                if (table.replace(gfn, entry, INVALID)) {
                    forget(entry);
                    return 0;
                }
            }
        }
    }

    private boolean mayBeRemoved(long entry) {
        return switch (typeOf(entry)) {
            case RAM_RW, RAM_RO, TABLE_FRAME, GRANT_RW, GRANT_RO -> frames.owner(frameOf(entry)) == domid;
            case FOREIGN -> true;
            default -> false;
        };
    }

    private void forget(long entry) {
        if (typeOf(entry) == FOREIGN) {
            letWatcherForget();
            frames.put(frameOf(entry), Page.ORDER_4K);
        } else {
            frames.setMachineToPhysical(frameOf(entry), FrameTable.NONE);
        }
    }

    /** Before the reference goes: with it the frame may be free. */
    private void letWatcherForget() {
        MapWatcher watcher = table.watcher();
        if (watcher != null) {
            watcher.forget();
        }
    }
}
